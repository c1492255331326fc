/**
 * Our own routes under `/aws`: queues and topics as operators see them, and which events of ours a topic tells.
 */
import type {
  Hub,
  JsonSchema,
  PluginAnswer,
  PluginBodies,
  PluginReply,
  PluginRequest,
  PluginRoute,
  Principal,
  Scope,
} from '../../src/index.js'
import { AccessDenied, InvalidInput, isObject, NotFound, parseJson, seesWholeTenant } from '../../src/index.js'
import { ANY_OBJECT, FLAG, INTEGER, listOf, NAME, orNull, record, TEXT } from '../schema.js'
import { wanted } from '../uw-registry/consumers.js'
import { ENVIRONMENT_TOPICS } from '../uw-registry/topics.js'
import { directory } from './call.js'
import { forTenant } from './caller.js'
import { MESSAGE, type Topic } from './directory.js'
import { isTopicName, originOf, type Place, placeOf, queueArn, queueUrl, topicArn } from './names.js'
import { newTopic } from './sns/topic-settings.js'
import { makeTopic } from './sns/topics.js'

interface Call {
  readonly hub: Hub
  readonly principal: Principal
  readonly place: Place
  readonly request: PluginRequest
}

async function queues({ hub, principal, place }: Call) {
  const all = [...(await directory({ hub, principal })).queues.values()]
  const told = all.map(async ({ name, fifo, subscription }) => {
    const { states, unprocessed } = await hub.tasks.counts(principal, { subscription: subscription.id })
    const counts = { messages: unprocessed, inFlight: states.leased ?? 0 }
    return {
      name,
      url: queueUrl(place, name),
      arn: queueArn(place, name),
      fifo,
      ...counts,
      subscription: subscription.id,
    }
  })
  return { queues: await Promise.all(told) }
}

async function topics({ hub, principal, place }: Call) {
  const all = [...(await directory({ hub, principal })).topics.values()]
  return { topics: all.map((topic) => viewOf(place, topic)) }
}

function viewOf(place: Place, { name, fifo, subscription, subscribers }: Topic) {
  const { types, format = null } = subscription.spec
  const bound = types.filter((type) => type !== MESSAGE)
  const confirmed = subscribers.filter(({ pending }) => pending === undefined).length
  return {
    name,
    arn: topicArn(place, name),
    fifo,
    subscriptions: confirmed,
    types: bound,
    format,
    subscription: subscription.id,
  }
}

/** Makes the topic if there is none; nothing said about a topic of the Identity Registry means what that tells. */
async function bind(call: Call) {
  const { hub, principal, place, request } = call
  const { name = '' } = request.params
  if (!isTopicName(name)) throw invalid('name', '1 to 256 letters, digits, _ and -, perhaps .fifo')
  const { types, filters, format, subject, ...more } = bodyOf(request)
  const stranger = Object.keys(more)[0]
  if (stranger !== undefined) throw invalid(stranger, 'types, filters, format and subject')
  const registry = ENVIRONMENT_TOPICS.find((topic) => topic.name === name)
  if (types === undefined && !registry)
    throw invalid('types', 'a list of event types or patterns, such as credential.*')
  const told =
    types === undefined && registry ? { format: 'uwit-1', ...wanted(registry) } : { types, filters: filters ?? [] }
  if (subject !== undefined && (typeof subject !== 'string' || !/^[\x21-\x7e][\x20-\x7e]{0,98}$/.test(subject)))
    throw invalid('subject', 'ASCII text of fewer than 100 characters')
  await makeTopic({ hub, principal }, newTopic(name), {})
  const { subscription } = await topicNamed(call, name)
  const at = { ...place, origin: hub.config.profiles.aws.url ?? place.origin }
  const target = { place: at, ...(subject !== undefined && { subject }) }
  await hub.subscriptions.update(principal, subscription.id, {
    ...told,
    ...(format !== undefined && { format }),
    target,
  })
  return viewOf(place, await topicNamed(call, name))
}

/** It tells no events any more; what is published to it goes on. */
async function unbind(call: Call) {
  const { hub, principal, place, request } = call
  const { name = '' } = request.params
  const { subscription } = await topicNamed(call, name)
  const nothing = { types: [MESSAGE], filters: null, format: null, target: { place: null, subject: null } }
  await hub.subscriptions.update(principal, subscription.id, nothing)
  return viewOf(place, await topicNamed(call, name))
}

async function topicNamed({ hub, principal }: Call, name: string): Promise<Topic> {
  const topic = (await directory({ hub, principal })).topics.get(name)
  if (topic) return topic
  throw new NotFound('topic', name)
}

function bodyOf({ body }: PluginRequest): Readonly<Record<string, unknown>> {
  const value = body.length === 0 ? {} : parseJson(body)
  if (isObject(value)) return value
  throw invalid('body', 'an object')
}

const invalid = (field: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', `The ${field} is not right.`, { field, expected })

/** What a topic tells is seen by no rule of visibility. */
function requireTenant(caller: Principal): void {
  if (seesWholeTenant(caller)) return
  throw new AccessDenied('forbidden', 'Queues and topics are for keys that see the whole tenant.', {
    expected: 'a key with one of the roles reader, admin and operator, bound to no resource',
  })
}

interface Shape {
  readonly answers: PluginAnswer
  readonly takes?: PluginBodies
}

const allOf = (properties: Readonly<Record<string, JsonSchema>>) => record(properties, Object.keys(properties))
const answered = (description: string, schema: JsonSchema): Shape => ({
  answers: { status: 200, description, bodies: { 'application/json': schema } },
})

const NAMED = { name: NAME, arn: NAME, fifo: FLAG, subscription: NAME }
const QUEUE = allOf({ ...NAMED, url: NAME, messages: INTEGER, inFlight: INTEGER })
const TOPIC = allOf({ ...NAMED, subscriptions: INTEGER, types: listOf(NAME), format: orNull(TEXT) })
const BINDING = record({ types: listOf(NAME), filters: listOf(ANY_OBJECT), format: TEXT, subject: TEXT })

const QUEUES = answered('The queues, with how many messages wait.', allOf({ queues: listOf(QUEUE) }))
const TOPICS = answered('The topics.', allOf({ topics: listOf(TOPIC) }))
const UNBOUND = answered('The topic.', TOPIC)
const BOUND: Shape = { ...UNBOUND, takes: { 'application/json': BINDING } }

function route(
  method: PluginRoute['method'],
  path: string,
  operationId: string,
  summary: string,
  scope: Scope,
  shape: Shape,
  answer: (call: Call) => Promise<unknown>,
): PluginRoute {
  return {
    ...{ method, path: `/aws${path}`, operationId, summary, scope, ...shape },
    async handle(request, hub): Promise<PluginReply> {
      const { caller } = request
      if (!caller) throw new TypeError('The server asks for a key before it comes here.')
      requireTenant(caller)
      const place = placeOf(hub.config, caller.tenant, originOf(request))
      const body = JSON.stringify(await answer({ hub, request, place, principal: forTenant({ principal: caller }) }))
      return { status: 200, headers: { 'content-type': 'application/json' }, body }
    },
  }
}

export const ownRoutes: readonly PluginRoute[] = [
  route('GET', '/queues', 'awsListQueues', 'Queues of SQS', 'tasks:read', QUEUES, queues),
  route(
    'GET',
    '/topics',
    'awsListTopics',
    'Topics of SNS, and the events they tell',
    'subscriptions:read',
    TOPICS,
    topics,
  ),
  route('PUT', '/topics/:name', 'awsBindTopic', 'Let a topic tell events', 'subscriptions:write', BOUND, bind),
  route(
    'DELETE',
    '/topics/:name',
    'awsUnbindTopic',
    'Let a topic tell no events any more',
    'subscriptions:write',
    UNBOUND,
    unbind,
  ),
]
