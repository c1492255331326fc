/**
 * Requests are checked and answers written by their schemas. A process meets few of all the kinds there are, and to
 * compile one takes milliseconds: it is done when the first comes.
 */
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { once } from './once.js'

type Factory = ReturnType<typeof SerializerSelector>

export const lazySerializers: Factory = (externalSchemas, options) => {
  const compile = SerializerSelector()(externalSchemas, options)
  return (route) => {
    const serializer = once(() => compile(route))
    return (answer) => serializer()(answer)
  }
}

/**
 * Nothing is coerced, filled in or taken out: what is not as the schema says is refused.
 * @param shared schemas that others name by their `$id`.
 */
export function lazyValidators(shared: readonly TSchema[]): FastifySchemaCompiler<TSchema> {
  const ajv = once(() => addFormats.default(new Ajv({ verbose: true, schemas: [...shared] })))
  return ({ schema }) => {
    const validator = once(() => ajv().compile(schema))
    return (data: unknown) => {
      const validate = validator()
      return validate(data) === true || { error: validate.errors ?? [] }
    }
  }
}
