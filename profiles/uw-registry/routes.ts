/**
 * The eighteen topics under `/uw-registry/topics`: what they tell, who hears them, and how far behind each is.
 */
import {
  type Hub,
  type JsonSchema,
  NotFound,
  type PluginAnswer,
  type PluginBodies,
  type PluginReply,
  type PluginRequest,
  type PluginRoute,
  type Principal,
  parseJson,
} from '../../src/index.js'
import { Reader, wrong } from '../reader.js'
import { INTEGER, listOf, NAME, orNull, record, TEXT, TIME } from '../schema.js'
import { typeOf } from './catalogue.js'
import { consumersOf, wanted } from './consumers.js'
import { ENVIRONMENT_TOPICS, type EnvironmentTopic } from './topics.js'

interface Call {
  readonly request: PluginRequest
  readonly hub: Hub
  readonly caller: Principal
}

const TOPICS_PATH = '/uw-registry/topics'

const bodyAs = (schema: JsonSchema): PluginBodies => ({ 'application/json': schema })
const allOf = (properties: Readonly<Record<string, JsonSchema>>) => record(properties, Object.keys(properties))

const TOPIC = allOf({
  ...{ name: NAME, arn: NAME, systemType: NAME, source: NAME },
  ...{ types: listOf(NAME), fields: listOf(NAME), tags: listOf(NAME) },
})
const CONSUMER = allOf({
  ...{ id: NAME, name: TEXT, state: NAME, transport: NAME, format: orNull(TEXT) },
  ...{ waiting: INTEGER, since: orNull(TIME) },
})

interface Shape {
  readonly answers: PluginAnswer
  readonly takes?: PluginBodies
}

const TOPICS: Shape = {
  answers: { status: 200, description: 'All eighteen.', bodies: bodyAs(allOf({ topics: listOf(TOPIC) })) },
}
const CONSUMERS: Shape = {
  answers: { status: 200, description: 'Its consumers.', bodies: bodyAs(allOf({ consumers: listOf(CONSUMER) })) },
}
const SUBSCRIBED: Shape = {
  takes: bodyAs({ type: 'object', description: 'SubscriptionInput without types and filters, which the topic says.' }),
  answers: {
    ...{ status: 201, bodies: bodyAs({ $ref: 'SubscriptionCreated' }) },
    description: 'The subscription. A signing secret, if there is one, is shown this once.',
  },
}
const TESTED: Shape = {
  takes: bodyAs(allOf({ regid: NAME })),
  answers: {
    status: 201,
    description: 'It is kept, and every consumer will be told.',
    bodies: bodyAs({ $ref: 'Receipt' }),
  },
}

export const routes: readonly PluginRoute[] = [
  route('GET', '', 'uwListTopics', 'The topics of the Identity Registry', 'types:read', TOPICS, async () => ({
    topics: ENVIRONMENT_TOPICS.map(viewOf),
  })),
  route(
    'GET',
    '/:topic/consumers',
    'uwListConsumers',
    'Who hears a topic, and how far behind',
    'tasks:read',
    CONSUMERS,
    consumers,
  ),
  route(
    'POST',
    '/:topic/consumers',
    'uwSubscribe',
    'Subscribe to a topic',
    'subscriptions:write',
    SUBSCRIBED,
    subscribe,
  ),
  route('POST', '/:topic/test', 'uwTest', 'A message of the type test, on idattribute', 'events:publish', TESTED, test),
]

function route(
  method: PluginRoute['method'],
  path: string,
  operationId: string,
  summary: string,
  scope: PluginRoute['scope'],
  shape: Shape,
  answer: (call: Call) => Promise<unknown>,
): PluginRoute {
  return {
    ...{ method, path: `${TOPICS_PATH}${path}`, operationId, summary, scope, ...shape },
    async handle(request, hub) {
      const { caller } = request
      if (!caller) throw new TypeError('The server asks for a key before it comes here.')
      return json(shape.answers.status, await answer({ request, hub, caller }))
    },
  }
}

const json = (status: number, body: unknown): PluginReply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const viewOf = ({ name, arn, environment, topic }: EnvironmentTopic) => ({
  ...{ name, arn, systemType: environment.systemType, source: environment.source },
  ...{ types: topic.types, fields: topic.fields, tags: topic.tags },
})

function topicIn({ params: { topic: name = '' } }: PluginRequest): EnvironmentTopic {
  const found = ENVIRONMENT_TOPICS.find((each) => each.name === name || each.arn === name)
  if (found) return found
  throw new NotFound('topic', name, `one of ${ENVIRONMENT_TOPICS.map((each) => each.name).join(', ')}`)
}

async function consumers({ request, hub, caller }: Call) {
  return { consumers: await consumersOf(hub, caller, topicIn(request)) }
}

/** A subscription like any other, but for what makes it one of this topic; its format is `uwit-1` unless it names another. */
async function subscribe({ request, hub, caller }: Call) {
  const at = topicIn(request)
  const { fields } = new Reader(bodyOf(request, hub), '', 'a subscription, without types and filters')
  const taken = ['types', 'filters'].find((name) => name in fields)
  if (taken !== undefined) throw wrong(taken, 'nothing: the topic says it', 'invalid_request')
  return hub.subscriptions.create(caller, { format: 'uwit-1', ...fields, ...wanted(at) })
}

/** It tells that the way is open, and that nothing changed. */
async function test({ request, hub, caller }: Call) {
  const { environment, topic, name } = topicIn(request)
  if (!topic.types.includes('test'))
    throw wrong('topic', `a topic with the type test, ${name.replace(topic.name, 'idattribute')}`, 'invalid_request')
  const regid = new Reader(bodyOf(request, hub), '', 'an object with a regid').only(['regid'], 'a test').name('regid')
  const data = { record: topic.name, personId: regid }
  return hub.publish({ type: typeOf(topic, 'test'), source: environment.source, subject: regid, data }, { as: caller })
}

function bodyOf({ body }: PluginRequest, hub: Hub): unknown {
  const { eventBytes: maxBytes, depth: maxDepth } = hub.config.limits
  return parseJson(body, { maxBytes, maxDepth, maxKeys: 10_000 })
}
