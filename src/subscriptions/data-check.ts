/**
 * Whether what a target's expressions read can be there at all: seen when it is saved, not at the first event.
 */
import type { TypeDefinition } from '../event/catalogue.js'
import { hint } from '../event/nearest.js'
import { invalid } from '../event/schema-error.js'
import { isObject } from '../json-object.js'
import type { CompiledCel } from './cel.js'
import { fitsType } from './match-index.js'
import { hiddenIn } from './redact.js'
import type { SubscriptionSpec } from './subscription.js'

/** @throws InvalidInput `invalid_request` with the field, for data that no event of the subscription can hold. */
export type DataCheck = (expression: Pick<CompiledCel, 'paths'>, field: string) => void

export interface DescribedTypes {
  list(): readonly Pick<TypeDefinition, 'name' | 'schema' | 'sensitive' | 'classes'>[]
  lineage(type: string): readonly string[]
}

/**
 * What is read must be described by one of the types the subscription hears. A type without a schema, a pattern that no
 * type of the catalogue fits, and a payload of the subscriber's own may hold anything.
 */
export function dataCheckOf(
  { types, payload, redaction, sees = [] }: Pick<SubscriptionSpec, 'types' | 'payload' | 'redaction' | 'sees'>,
  catalogue: DescribedTypes,
): DataCheck {
  const hears = (name: string, pattern: string) => fitsType(pattern, catalogue.lineage(name))
  const heard = catalogue.list().filter(({ name }) => types.some((pattern) => hears(name, pattern)))
  const allKnown = types.every((pattern) => heard.some(({ name }) => hears(name, pattern)))
  if (payload !== 'full' || !allKnown) return () => undefined
  return ({ paths }, field) => {
    for (const path of paths) {
      const problems = heard.map((type) =>
        problemOf(path, type, redaction === 'sensitive' ? hiddenIn([type], sees) : []),
      )
      if (problems.every((problem) => problem !== null)) throw unknown(path, problems[0] ?? '', field)
    }
  }
}

const unknown = (path: readonly string[], problem: string, field: string) =>
  invalid(`No event of this subscription has data.${path.join('.')}.${problem}`, field, 'data its types describe')

/** Null if it may be there, else a hint. */
function problemOf(
  path: readonly string[],
  { schema }: ReturnType<DescribedTypes['list']>[number],
  hidden: readonly string[],
): string | null {
  const text = path.join('.')
  if (hidden.some((each) => text === each || text.startsWith(`${each}.`))) {
    return ' It is sensitive, and the subscription does not see that.'
  }
  return missingIn(schema, path)
}

function missingIn(schema: unknown, [key, ...rest]: readonly string[]): string | null {
  if (key === undefined || !isObject(schema) || !isObject(schema.properties) || isComposed(schema)) return null
  if (Object.hasOwn(schema.properties, key)) return missingIn(schema.properties[key], rest)
  return hint(key, Object.keys(schema.properties))
}

const COMPOSING = ['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties', 'dependentSchemas']

/** Its properties may be described elsewhere, too. */
const isComposed = (schema: Readonly<Record<string, unknown>>): boolean =>
  COMPOSING.some((keyword) => keyword in schema) || isObject(schema.additionalProperties)
