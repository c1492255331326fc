/**
 * Topics: made, listed, changed, tagged, removed. A topic is a subscription with the transport `sns`: bound to event types,
 * it tells them to its subscribers.
 */
import { isTocsinError } from '../../../src/index.js'
import { AwsError } from '../aws-error.js'
import { type Call, directory, operation, page, patchTo } from '../call.js'
import { MESSAGE, type Topic } from '../directory.js'
import { idFor, isTopicName, topicArn, topicInArn } from '../names.js'
import { invalid, type Json } from '../parameters.js'
import { OF_TOPICS, readPermission, withoutPermission, withPermission } from '../permissions.js'
import { readTags } from '../tags.js'
import { save } from './saving.js'
import { newTopic, type TopicSettings, topicAttributes, withTopicAttributes } from './topic-settings.js'

/** @throws AwsError `NotFound`, also for one of another account; in calls of tags `ResourceNotFound` */
export async function topicOf(
  call: Call,
  field: 'TopicArn' | 'TargetArn' | 'ResourceArn' = 'TopicArn',
): Promise<Topic> {
  const name = topicInArn(call.place, call.parameters.text(field))
  const topic = name === null ? undefined : (await directory(call)).topics.get(name)
  if (topic) return topic
  throw new AwsError(field === 'ResourceArn' ? 'ResourceNotFound' : 'NotFound', 'Topic does not exist')
}

export const createTopic = operation('subscriptions:write', async (call) => {
  const { parameters, place } = call
  parameters.only('Name', 'Attributes', 'Tags')
  const name = parameters.text('Name')
  if (!isTopicName(name))
    throw invalid('Topic Name: 1 to 256 letters, digits, _ and -; that of a FIFO topic ends with .fifo.')
  const attributes = parameters.map('Attributes')
  const topic = {
    ...withTopicAttributes(place, newTopic(name), attributes),
    tags: readTags(parameters.map('Tags'), {}),
  }
  await makeTopic(call, topic, attributes)
  return { TopicArn: topicArn(place, name) }
})

/** One that is there already stays as it is, and must be as asked. */
export async function makeTopic(
  call: Pick<Call, 'hub' | 'principal'>,
  topic: TopicSettings,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  const known = (await directory(call)).topics.get(topic.name)
  if (known) return checkAlike(known, topic, attributes)
  const spec = { name: topic.name, types: [MESSAGE], transport: 'sns', target: topic, order: 'strict' }
  try {
    await call.hub.subscriptions.create(call.principal, spec, idFor('sns', topic.name))
  } catch (error) {
    if (!isTocsinError(error) || error.code !== 'already_exists') throw error
  }
}

function checkAlike(known: TopicSettings, asked: TopicSettings, attributes: Readonly<Record<string, string>>): void {
  const [before, now] = [topicAttributes(known), topicAttributes(asked)]
  const other = Object.keys(attributes).find((name) => before[name] !== now[name])
  if (other !== undefined)
    throw new AwsError(
      'InvalidParameter',
      `Invalid parameter: Attributes Reason: Topic already exists with different ${other}.`,
    )
}

async function changeTopic(
  call: Call,
  change: (topic: TopicSettings) => TopicSettings,
  field: 'TopicArn' | 'ResourceArn' = 'TopicArn',
): Promise<void> {
  const { subscription, subscribers: _, ...before } = await topicOf(call, field)
  const target = patchTo({ ...before }, { ...change(before) })
  await call.hub.subscriptions.update(call.principal, subscription.id, { target }, subscription.revision)
}

export const deleteTopic = operation('subscriptions:write', async (call) => {
  call.parameters.only('TopicArn')
  const name = topicInArn(call.place, call.parameters.text('TopicArn'))
  const topic = (await directory(call)).topics.get(name ?? '')
  // That there is none is no error.
  if (!topic) return {}
  for (const { subscription } of topic.subscribers) await call.hub.subscriptions.remove(call.principal, subscription.id)
  await call.hub.subscriptions.remove(call.principal, topic.subscription.id)
  return {}
})

export const listTopics = operation('subscriptions:read', async (call) => {
  call.parameters.only('NextToken')
  const all = [...(await directory(call)).topics.values()]
  const { items, next } = page(all, ({ name }) => name, { token: call.parameters.optionalText('NextToken'), most: 100 })
  return {
    Topics: items.map(({ name }) => ({ TopicArn: topicArn(call.place, name) })),
    ...(next !== undefined && { NextToken: next }),
  }
})

export const getTopicAttributes = operation('subscriptions:read', async (call) => {
  call.parameters.only('TopicArn')
  const topic = await topicOf(call)
  const confirmed = topic.subscribers.filter(({ pending }) => pending === undefined).length
  const counts = {
    SubscriptionsConfirmed: String(confirmed),
    SubscriptionsPending: String(topic.subscribers.filter(({ pending, left }) => pending && !left).length),
    SubscriptionsDeleted: '0',
  }
  const own = { TopicArn: topicArn(call.place, topic.name), Owner: call.place.account, DisplayName: '' }
  return { Attributes: { ...own, ...counts, ...topicAttributes(topic) } }
})

export const setTopicAttributes = operation('subscriptions:write', async (call) => {
  const { parameters, place } = call
  parameters.only('TopicArn', 'AttributeName', 'AttributeValue')
  const attributes = { [parameters.text('AttributeName')]: parameters.optionalText('AttributeValue') ?? '' }
  await changeTopic(call, (topic) => withTopicAttributes(place, topic, attributes))
  if ('DeliveryPolicy' in attributes) await tellSubscribers(call)
  return {}
})

/** How they are told again follows their topic. */
async function tellSubscribers(call: Call): Promise<void> {
  const topic = await topicOf(call)
  for (const each of topic.subscribers) {
    const { subscription: _, ...settings } = each
    await save(call, topic, settings, each)
  }
}

export const tagResource = operation('subscriptions:write', async (call) => {
  call.parameters.only('ResourceArn', 'Tags')
  const tags = call.parameters.map('Tags')
  await changeTopic(call, (topic) => ({ ...topic, tags: readTags(tags, topic.tags) }), 'ResourceArn')
  return {}
})

export const untagResource = operation('subscriptions:write', async (call) => {
  call.parameters.only('ResourceArn', 'TagKeys')
  const gone = call.parameters.texts('TagKeys')
  const left = (tags: Json) => Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.includes(key)))
  await changeTopic(call, (topic) => ({ ...topic, tags: left(topic.tags) as Record<string, string> }), 'ResourceArn')
  return {}
})

export const listTagsForResource = operation('subscriptions:read', async (call) => {
  call.parameters.only('ResourceArn')
  const { tags } = await topicOf(call, 'ResourceArn')
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
})

export const addPermission = operation('subscriptions:write', async (call) => {
  const { parameters, place } = call
  parameters.only('TopicArn', 'Label', 'AWSAccountId', 'ActionName')
  const permission = readPermission(parameters, place, OF_TOPICS)
  await changeTopic(call, (topic) => {
    const [account, resource] = [place.account, topicArn(place, topic.name)]
    return { ...topic, policy: withPermission(topic.policy, permission, { account, resource }) }
  })
  return {}
})

export const removePermission = operation('subscriptions:write', async (call) => {
  call.parameters.only('TopicArn', 'Label')
  const label = call.parameters.text('Label')
  await changeTopic(call, ({ policy, ...topic }) => {
    const left = withoutPermission(policy, label)
    if (left === null) throw new AwsError('NotFound', `The policy has no statement ${JSON.stringify(label)}.`)
    return left === undefined ? topic : { ...topic, policy: left }
  })
  return {}
})
