/**
 * Queues: made, found, changed, emptied, removed. A queue is a pull subscription that keeps its attributes.
 */
import { isTocsinError } from '../../../src/index.js'
import { AwsError } from '../aws-error.js'
import { type Call, directory, operation, page, patchTo } from '../call.js'
import { MESSAGE, type Queue } from '../directory.js'
import { idFor, isQueueName, queueArn, queueInArn, queueInUrl, queueUrl } from '../names.js'
import { invalid } from '../parameters.js'
import { OF_QUEUES, readPermission, withoutPermission, withPermission } from '../permissions.js'
import { readTags } from '../tags.js'
import {
  ATTRIBUTES,
  allowsRedrive,
  newQueue,
  type QueueSettings,
  settingsAsAttributes,
  withAttributes,
} from './attributes.js'

/** The queue that the request names. @throws AwsError `QueueDoesNotExist`, also for one of another account */
export async function queueOf(call: Call): Promise<Queue> {
  const name = queueInUrl(call.place, call.parameters.text('QueueUrl'))
  const queue = name === null ? undefined : (await directory(call)).queues.get(name)
  if (queue) return queue
  throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
}

export const createQueue = operation('subscriptions:write', async (call) => {
  const { parameters, place } = call
  parameters.only('QueueName', 'Attributes', 'tags', 'Tags')
  const name = parameters.text('QueueName')
  if (!isQueueName(name))
    throw invalid('A queue name is 1 to 80 letters, digits, _ and -; that of a FIFO queue ends with .fifo.')
  const attributes = parameters.map('Attributes')
  const tags = readTags({ ...parameters.map('tags'), ...parameters.map('Tags') }, {})
  const made = { ...withAttributes(place, newQueue(name), attributes), tags }
  checkFifo(made)
  await checkRedrive(call, made, attributes)
  const known = (await directory(call)).queues.get(name)
  if (known) checkAlike(known, made, attributes)
  else await create(call, made, attributes)
  return { QueueUrl: queueUrl(place, name) }
})

const specOf = (queue: QueueSettings) => ({
  name: queue.name,
  types: [MESSAGE],
  transport: 'pull',
  target: { queue: { sqs: queue } },
  order: queue.fifo ? 'strict' : 'none',
})

async function create(call: Call, queue: QueueSettings, attributes: Readonly<Record<string, string>>): Promise<void> {
  const { hub, principal } = call
  try {
    await hub.subscriptions.create(principal, specOf(queue), idFor('sqs', queue.name))
  } catch (error) {
    if (!isTocsinError(error) || error.code !== 'already_exists') throw error
    // Somebody else was faster.
    const known = (await directory(call)).queues.get(queue.name)
    if (!known) throw error
    checkAlike(known, queue, attributes)
  }
}

/** Throughput per group and de-duplication per group belong together. */
function checkFifo({ throughput, dedupScope }: QueueSettings): void {
  if (throughput === 'perMessageGroupId' && dedupScope !== 'messageGroup')
    throw new AwsError(
      'InvalidAttributeValue',
      'FifoThroughputLimit perMessageGroupId needs the DeduplicationScope messageGroup.',
    )
}

/** The dead-letter queue that is asked for is there, and takes what comes from this queue. */
async function checkRedrive(
  call: Call,
  { name, redrive }: QueueSettings,
  { RedrivePolicy: asked }: Readonly<Record<string, string>>,
): Promise<void> {
  if (asked === undefined || redrive === undefined) return
  const bad = (reason: string) => invalid(`Value ${asked} for parameter RedrivePolicy is invalid. Reason: ${reason}`)
  const target = (await directory(call)).queues.get(queueInArn(call.place, redrive.deadLetterTargetArn) ?? '')
  if (!target) throw bad('Dead letter target does not exist.')
  if (target.name === name) throw bad('A queue is not its own dead letter target.')
  if (!allowsRedrive(target, queueArn(call.place, name))) throw bad('Its RedriveAllowPolicy does not allow this queue.')
}

function checkAlike(known: QueueSettings, made: QueueSettings, attributes: Readonly<Record<string, string>>): void {
  const [before, now] = [settingsAsAttributes(known), settingsAsAttributes(made)]
  const other = Object.keys(attributes).find((name) => before[name] !== now[name])
  if (other === undefined) return
  throw new AwsError(
    'QueueNameExists',
    `A queue already exists with the same name and a different value for attribute ${other}.`,
  )
}

/** Read, changed and written; again if somebody else did meanwhile. */
export async function changeQueue(call: Call, change: (queue: QueueSettings) => QueueSettings): Promise<void> {
  const { hub, principal } = call
  for (let attempt = 0; ; attempt++) {
    const { subscription, ...before } = await queueOf(call)
    const target = { queue: { sqs: patchTo({ ...before }, { ...change(before) }) } }
    try {
      await hub.subscriptions.update(principal, subscription.id, { target }, subscription.revision)
      return
    } catch (error) {
      const isBehind = isTocsinError(error) && (error.code === 'conflict' || error.code === 'precondition_failed')
      if (!isBehind || attempt === 9) throw error
    }
  }
}

export const getQueueUrl = operation('subscriptions:read', async (call) => {
  const { parameters, place } = call
  parameters.only('QueueName', 'QueueOwnerAWSAccountId')
  const name = parameters.text('QueueName')
  const owner = parameters.optionalText('QueueOwnerAWSAccountId') ?? place.account
  if (owner === place.account && (await directory(call)).queues.has(name)) return { QueueUrl: queueUrl(place, name) }
  throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.')
})

export const listQueues = operation('subscriptions:read', async (call) => {
  const { parameters, place } = call
  parameters.only('QueueNamePrefix', 'NextToken', 'MaxResults')
  const prefix = parameters.optionalText('QueueNamePrefix') ?? ''
  const most = parameters.optionalNumber('MaxResults', 1, 1000)
  const all = [...(await directory(call)).queues.values()].filter(({ name }) => name.startsWith(prefix))
  const { items, next } = page(all, ({ name }) => name, { token: parameters.optionalText('NextToken'), most })
  return {
    ...(items.length > 0 && { QueueUrls: items.map(({ name }) => queueUrl(place, name)) }),
    ...(most !== undefined && next !== undefined && { NextToken: next }),
  }
})

export const getQueueAttributes = operation('subscriptions:read', async (call) => {
  call.parameters.only('QueueUrl', 'AttributeNames')
  const queue = await queueOf(call)
  const names = call.parameters.texts('AttributeNames')
  const stranger = names.find((name) => name !== 'All' && !ATTRIBUTES.includes(name))
  if (stranger !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${stranger}.`)
  const asked = (name: string) => names.includes('All') || names.includes(name)
  const counts = names.some((name) => name === 'All' || name.startsWith('Approximate'))
    ? await countsOf(call, queue)
    : {}
  const all = {
    ...settingsAsAttributes(queue),
    ...(await timesOf(call, queue)),
    ...counts,
    QueueArn: queueArn(call.place, queue.name),
  }
  const told = Object.entries(all).filter(([name]) => asked(name))
  return told.length === 0 ? {} : { Attributes: Object.fromEntries(told) }
})

async function timesOf({ hub, principal }: Call, { subscription }: Queue) {
  const { createdAt, updatedAt } = await hub.subscriptions.get(principal, subscription.id)
  const seconds = (time: string) => String(Math.floor(Date.parse(time) / 1_000))
  return { CreatedTimestamp: seconds(createdAt), LastModifiedTimestamp: seconds(updatedAt) }
}

/** What waits in a FIFO queue waits for its group, unless all is delayed there. */
async function countsOf({ hub, principal }: Call, { subscription, fifo, delay }: Queue) {
  const states = ['due', 'waiting', 'leased', 'held'] as const
  const { states: counts } = await hub.tasks.counts(principal, { subscription: subscription.id, states })
  const { due = 0, waiting = 0, leased = 0, held = 0 } = counts
  const delayed = fifo && delay === 0 ? 0 : waiting
  return {
    ApproximateNumberOfMessages: String(due + held + waiting - delayed),
    ApproximateNumberOfMessagesNotVisible: String(leased),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  }
}

export const setQueueAttributes = operation('subscriptions:write', async (call) => {
  call.parameters.only('QueueUrl', 'Attributes')
  const attributes = call.parameters.map('Attributes')
  const { subscription: _, ...before } = await queueOf(call)
  await checkRedrive(call, withAttributes(call.place, before, attributes), attributes)
  await changeQueue(call, (queue) => {
    const changed = withAttributes(call.place, queue, attributes)
    checkFifo(changed)
    return changed
  })
  return {}
})

export const deleteQueue = operation('subscriptions:write', async (call) => {
  call.parameters.only('QueueUrl')
  const { subscription } = await queueOf(call)
  await call.hub.subscriptions.remove(call.principal, subscription.id)
  return {}
})

const PURGE_PAUSE = 60_000

export const purgeQueue = operation('tasks:write', async (call) => {
  call.parameters.only('QueueUrl')
  const { hub, principal, now } = call
  const { subscription, name } = await queueOf(call)
  await changeQueue(call, (queue) => {
    if (now - (queue.purgedAt ?? 0) < PURGE_PAUSE)
      throw new AwsError(
        'PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`,
      )
    return { ...queue, purgedAt: now }
  })
  await hub.tasks.bulk(principal, { action: 'cancel', filter: { subscription: subscription.id } })
  return {}
})

export const tagQueue = operation('subscriptions:write', async (call) => {
  call.parameters.only('QueueUrl', 'Tags')
  const tags = call.parameters.map('Tags')
  await changeQueue(call, (queue) => ({ ...queue, tags: readTags(tags, queue.tags) }))
  return {}
})

export const untagQueue = operation('subscriptions:write', async (call) => {
  call.parameters.only('QueueUrl', 'TagKeys')
  const gone = call.parameters.texts('TagKeys')
  await changeQueue(call, (queue) => ({
    ...queue,
    tags: Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !gone.includes(key))),
  }))
  return {}
})

export const listQueueTags = operation('subscriptions:read', async (call) => {
  call.parameters.only('QueueUrl')
  const { tags } = await queueOf(call)
  return Object.keys(tags).length === 0 ? {} : { Tags: tags }
})

export const addPermission = operation('subscriptions:write', async (call) => {
  const { parameters, place } = call
  parameters.only('QueueUrl', 'Label', 'AWSAccountIds', 'Actions')
  const permission = readPermission(parameters, place, OF_QUEUES)
  await changeQueue(call, (queue) => {
    const [account, resource] = [place.account, queueArn(place, queue.name)]
    return { ...queue, policy: withPermission(queue.policy, permission, { account, resource }) }
  })
  return {}
})

export const removePermission = operation('subscriptions:write', async (call) => {
  call.parameters.only('QueueUrl', 'Label')
  const label = call.parameters.text('Label')
  await changeQueue(call, ({ policy, ...queue }) => {
    const left = withoutPermission(policy, label)
    if (left === null) throw invalid(`The policy has no statement ${JSON.stringify(label)}.`)
    return left === undefined ? queue : { ...queue, policy: left }
  })
  return {}
})

export const listDeadLetterSourceQueues = operation('subscriptions:read', async (call) => {
  const { parameters, place } = call
  parameters.only('QueueUrl', 'NextToken', 'MaxResults')
  const { name } = await queueOf(call)
  const most = parameters.optionalNumber('MaxResults', 1, 1000)
  const arn = queueArn(place, name)
  const all = [...(await directory(call)).queues.values()].filter(({ redrive }) => redrive?.deadLetterTargetArn === arn)
  const { items, next } = page(all, (queue) => queue.name, { token: parameters.optionalText('NextToken'), most })
  return {
    queueUrls: items.map((queue) => queueUrl(place, queue.name)),
    ...(next !== undefined && { NextToken: next }),
  }
})
