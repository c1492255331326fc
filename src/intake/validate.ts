/**
 * Whether an event's data, or a resource's properties, fit their type. Schemas are compiled once; nothing is coerced or removed.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { InvalidInput } from '../errors.js'
import type { JsonSchema } from '../event/catalogue.js'
import { LINEAR_OR_OWN } from '../event/linear-pattern.js'
import { uniqueByText } from '../event/unique-items.js'

/** A type whose values have a schema. */
interface Typed {
  readonly name: string
  readonly schema?: JsonSchema
}

export class DataValidator {
  /** What is checked, as it is named where it stands. */
  readonly #root: string
  readonly #ajv = new Ajv2020({
    ...{ strict: false, allErrors: false, validateSchema: false },
    code: { regExp: LINEAR_OR_OWN },
  })
  /** By schema: a type may be defined anew. */
  readonly #compiled = new WeakMap<JsonSchema, ValidateFunction>()

  constructor(root = 'data') {
    this.#root = root
    addFormats.default(this.#ajv)
    uniqueByText(this.#ajv)
  }

  /** @throws InvalidInput `invalid_data` with the field and what would be right. */
  check(definition: Typed, data: unknown): void {
    if (!definition.schema) return
    const validate = this.#compile(definition)
    if (validate(data ?? {})) return
    throw invalidData(this.#root, definition.name, validate.errors?.[0])
  }

  #compile({ schema = {} }: Typed): ValidateFunction {
    const known = this.#compiled.get(schema)
    if (known) return known
    // Two versions of a schema may have the same `$id`.
    const { $id: _, ...anonymous } = schema
    const compiled = this.#ajv.compile(anonymous)
    this.#compiled.set(schema, compiled)
    return compiled
  }
}

function invalidData(root: string, type: string, error: ErrorObject | undefined): InvalidInput {
  const member = error?.keyword === 'required' ? `.${error.params.missingProperty}` : ''
  const field = `${root}${(error?.instancePath ?? '').replaceAll('/', '.')}${member}`
  return new InvalidInput('invalid_data', `${field} does not fit ${type}: it ${error?.message ?? 'is wrong'}.`, {
    field,
    expected: expectedBy(error),
    data: { type },
  })
}

function expectedBy(error: ErrorObject | undefined): string {
  if (!error) return 'data that fits the schema'
  if (error.keyword === 'enum') return `one of ${error.params.allowedValues.join(', ')}`
  if (error.keyword === 'type') return `a value of type ${[error.params.type].flat().join(' or ')}`
  if (error.keyword === 'required') return 'a value'
  return error.message ?? error.keyword
}
