/**
 * Whether an event's data fits its type. Schemas are compiled once; nothing is coerced or removed.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { InvalidInput } from '../errors.js'
import type { TypeDefinition } from '../event/catalogue.js'

export class DataValidator {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false })
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor() {
    addFormats.default(this.#ajv)
  }

  /** @throws InvalidInput `invalid_data` with the field and what would be right. */
  check(definition: TypeDefinition, data: unknown): void {
    if (!definition.schema) return
    const validate = this.#compile(definition)
    if (validate(data ?? {})) return
    throw invalidData(definition.name, validate.errors?.[0])
  }

  #compile(definition: TypeDefinition): ValidateFunction {
    const known = this.#compiled.get(definition.name)
    if (known) return known
    const compiled = this.#ajv.compile(definition.schema ?? {})
    this.#compiled.set(definition.name, compiled)
    return compiled
  }
}

function invalidData(type: string, error: ErrorObject | undefined): InvalidInput {
  const member = error?.keyword === 'required' ? `.${error.params.missingProperty}` : ''
  const field = `data${(error?.instancePath ?? '').replaceAll('/', '.')}${member}`
  return new InvalidInput('invalid_data', `The data does not fit ${type}: ${field} ${error?.message ?? 'is wrong'}.`, {
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
