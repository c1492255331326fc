/**
 * `uw-registry.source.insert` and the others: topic and type of change as UW names them, each a case of `registry.inserted`
 * and so on. A subscription to `uw-registry.source.*` hears a whole topic.
 */
import type { JsonSchema, TypeDefinition } from '../../src/index.js'
import { caseOf } from '../definition.js'
import { ANY_OBJECT, listOf, NAME, oneOf, record } from '../schema.js'
import { type ChangeType, type Field, SYSTEM_TYPES, TOPICS, type Topic, VERBS } from './topics.js'

/** UW's fields under the names that native registry types use. */
export const NATIVE_FIELDS: Readonly<Record<Field, string>> = {
  regid: 'personId',
  source: 'sourceSystem',
  id: 'recordId',
  uwnetid: 'accountName',
  subscription: 'subscription',
  sponsor: 'sponsorId',
}

export const typeOf = (topic: Topic, type: ChangeType): string => `uw-registry.${topic.name}.${type}`

/** The types of a topic, with the native type that each is a case of. */
export const kindsOf = (topic: Topic) =>
  topic.types.map((type) => ({ type, name: typeOf(topic, type), caseOf: `registry.${VERBS[type]}` }))

export const catalogue: readonly TypeDefinition[] = TOPICS.flatMap((topic) =>
  kindsOf(topic).map(({ type, name, caseOf: native }) =>
    caseOf({
      name,
      title: `${topic.title}: ${type}`,
      caseOf: native,
      schema: schemaOf(topic, type),
      sensitive: ['after'],
      documentation:
        'https://wiki.cac.washington.edu/display/infra/Identity+Registry+Event+Notification+Topics+and+Message+Formats',
    }),
  ),
)

/** `message` and `context` are there where a message was read; `before` and `after`, rows, where a table was. */
function schemaOf(topic: Topic, type: ChangeType): JsonSchema {
  const message = { type: { const: type }, ...each(topic.fields, (field) => field) }
  const context = {
    system_type: oneOf(SYSTEM_TYPES),
    version: { const: 'v1' },
    topic: { const: topic.name },
    tags: listOf(NAME),
  }
  const native = each(topic.fields, (field) => NATIVE_FIELDS[field])
  const own = {
    record: { const: topic.name },
    ...native,
    message: record(message, Object.keys(message)),
    context: record(context, ['system_type', 'version', 'topic']),
    ...(type === 'rename' && { previousId: NAME }),
    before: ANY_OBJECT,
    after: ANY_OBJECT,
  }
  return record(own, ['record', ...Object.keys(native)])
}

function each(fields: readonly Field[], name: (field: Field) => string): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(fields.map((field) => [name(field), NAME]))
}
