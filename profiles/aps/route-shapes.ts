/**
 * What connectors send and are answered, for OpenAPI.
 */
import type { JsonSchema, PluginAnswer, PluginBodies } from '../../src/index.js'
import { INTEGER, listOf, NAME, oneOf, record, TEXT, TIME } from '../schema.js'

const open = (properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): JsonSchema => ({
  ...{ type: 'object', properties, required, additionalProperties: true },
})

const json = (schema: JsonSchema): PluginBodies => ({ 'application/json': schema })
const answer = (description: string, schema: JsonSchema): PluginAnswer => ({
  status: 200,
  description,
  bodies: json(schema),
})

const section = { id: NAME, type: NAME, status: TEXT, revision: INTEGER, modified: TIME, subscription: NAME }
const resource = open({ aps: record(section, ['id', 'type', 'revision', 'modified']) }, ['aps'])
const ofNew = record({ id: NAME, type: NAME, status: TEXT, subscription: NAME }, ['type'])
const ofChanged = open({ id: NAME, type: NAME, status: TEXT, revision: INTEGER }, [])
const ofLink = open({ id: NAME, link: oneOf(['weak', 'strong']) }, ['id'])

/** One resource by its id, or all of a type. */
const source = record({ id: NAME, type: NAME })
const wanted = { event: NAME, source, relation: TEXT, handler: NAME }
const subscription = record({ id: NAME, ...wanted }, ['id', 'event', 'source', 'handler'])

export const RESOURCE = { answers: answer('The resource, with its links.', resource) }
export const RESOURCES = { answers: answer('The resources.', listOf(resource)) }
export const NEW_RESOURCE = { ...RESOURCE, takes: json(open({ aps: ofNew }, ['aps'])) }
export const CHANGED_RESOURCE = { ...RESOURCE, takes: json(open({ aps: ofChanged }, [])) }
export const NEW_LINK = {
  answers: answer('The resource at the other end.', resource),
  takes: json(open({ aps: ofLink }, ['aps'])),
}
export const SUBSCRIPTION = { answers: answer('The event subscription.', subscription) }
export const SUBSCRIPTIONS = { answers: answer('Its event subscriptions.', listOf(subscription)) }
export const NEW_SUBSCRIPTION = {
  answers: answer('As it is kept.', subscription),
  takes: json(record({ id: NAME, ...wanted }, ['event', 'source', 'handler'])),
}
export const NOTHING = { answers: { status: 204, description: 'Done.' } satisfies PluginAnswer }
