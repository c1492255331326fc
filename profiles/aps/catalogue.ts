/**
 * The APS event URIs, each a case of a `resource.*` type. The data is thin, as the notification is: the reader asks the
 * controller for the resource.
 */
import type { JsonSchema, TypeDefinition } from '../../src/index.js'
import { caseOf } from '../definition.js'
import { ANY_OBJECT, NAME, record, TIME } from '../schema.js'
import { KINDS, LINKS, RENEWED } from './kinds.js'

const COMMON = { id: NAME, type: NAME, instanceId: NAME, applicationId: NAME, parameters: ANY_OBJECT }
const RENEWAL = { period: { type: 'integer', minimum: 0 }, periodType: NAME, startDate: TIME, expirationDate: TIME }

export const catalogue: readonly TypeDefinition[] = KINDS.map((kind) =>
  caseOf({
    name: kind.uri,
    title: kind.title,
    caseOf: kind.caseOf,
    schema: schemaOf(kind.uri),
    ...(kind.documentation !== undefined && { documentation: kind.documentation }),
  }),
)

function schemaOf(uri: string): JsonSchema {
  if (uri === RENEWED) return record({ ...COMMON, ...RENEWAL }, ['id'])
  if (LINKS.includes(uri)) return record({ ...COMMON, from: NAME }, ['id', 'from'])
  return record(COMMON, ['id'])
}
