/**
 * The shape of what is asked for.
 */
import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js'
import { schemaError } from '../../event/schema-error.js'
import { uniqueByText } from '../../event/unique-items.js'
import { canonical } from '../canonical.js'

/**
 * A check whose schema is compiled when something is checked: that takes a tenth of a second, and most instances capture nothing.
 * @param what it is, as a sentence begins with it
 */
export function shapeOf<Shape>(schema: AnySchema, what: string): (input: unknown) => Shape {
  let validate: ValidateFunction<Shape> | undefined
  return (input) => {
    canonical(input, '')
    validate ??= uniqueByText(new Ajv2020({ strict: false, validateSchema: false })).compile<Shape>(schema)
    if (validate(input)) return input
    throw schemaError(validate.errors?.[0], '', what)
  }
}
