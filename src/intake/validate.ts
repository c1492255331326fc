/**
 * Whether an event's data, or a resource's properties, fit their type. Schemas are compiled once; nothing is coerced or removed.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { InvalidInput } from '../errors.js'
import type { JsonSchema } from '../event/catalogue.js'

/** A type whose values have a schema. */
interface Typed {
  readonly name: string
  readonly schema?: JsonSchema
}

export class DataValidator {
  /** What is checked, as it is named where it stands. */
  readonly #root: string
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false })
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor(root = 'data') {
    this.#root = root
    addFormats.default(this.#ajv)
  }

  /** @throws InvalidInput `invalid_data` with the field and what would be right. */
  check(definition: Typed, data: unknown): void {
    if (!definition.schema) return
    const validate = this.#compile(definition)
    if (validate(data ?? {})) return
    throw invalidData(this.#root, definition.name, validate.errors?.[0])
  }

  #compile(definition: Typed): ValidateFunction {
    const known = this.#compiled.get(definition.name)
    if (known) return known
    const compiled = this.#ajv.compile(definition.schema ?? {})
    this.#compiled.set(definition.name, compiled)
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
