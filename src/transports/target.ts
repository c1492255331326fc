/**
 * A target is checked against the transport's own schema, so that what is described is what is enforced.
 */
import type { ErrorObject } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { InvalidInput } from '../errors.js'
import { uniqueByText } from '../event/unique-items.js'
import type { TargetSchema } from './transport.js'

export type Target = Readonly<Record<string, unknown>>

/** Made when the first target is read: few processes read targets of all kinds, and to make one takes long. */
let compiler: Ajv2020 | undefined

function compile<T>(schema: TargetSchema) {
  compiler ??= uniqueByText(new Ajv2020({ validateFormats: false }))
  return compiler.compile<T>(schema)
}

/**
 * Compiles a target's schema when the first target is read, and once. The function it answers gives the target its type.
 * @throws InvalidInput `invalid_request` with the field (`target.url`) and what would be right; never the value.
 */
export function targetReader<T>(schema: TargetSchema): (target: Target) => T {
  let validate: ReturnType<typeof compile<T>> | undefined
  return (target) => {
    const given: unknown = target
    validate ??= compile<T>(schema)
    if (validate(given)) return given
    throw refusal(validate.errors?.[0])
  }
}

/** A target that does not fit, named by its field. */
export const badTarget = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field: `target${field}`, expected })

function refusal(error: ErrorObject | undefined): InvalidInput {
  const field = dotted(error?.instancePath ?? '')
  if (error?.keyword === 'additionalProperties') {
    return badTarget(
      `${field}.${error.params.additionalProperty}`,
      'The target has a field this transport does not know.',
      'no such field',
    )
  }
  if (error?.keyword === 'required') {
    return badTarget(`${field}.${error.params.missingProperty}`, 'A field of the target is missing.', 'a value')
  }
  return badTarget(field, 'The target does not fit the transport.', error?.message ?? 'a value that fits the schema')
}

/** A JSON Pointer (RFC 6901) as the dotted path our errors use. */
const dotted = (pointer: string): string => pointer.replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~')
