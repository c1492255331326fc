/**
 * The options of a processor: whether they fit what it declares, and which of them nobody may see.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { InvalidInput } from '../errors.js'
import type { JsonSchema } from '../event/catalogue.js'
import { hint } from '../event/nearest.js'
import { uniqueByText } from '../event/unique-items.js'
import { isObject } from '../json-object.js'
import type { Processor } from './processor.js'

export type Options = Readonly<Record<string, unknown>>

/** What is shown in place of a secret; given back, it means the secret that is there. */
export const MASK = '***'

/** Without a schema, what is called like a secret is treated as one. */
const SECRET_NAME = /secret|password|passphrase|token|credential|authorization|(^|[a-z_-])key$/i

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name)

/** The schema of a member, if the schema says anything about it. */
function memberOf(schema: JsonSchema | undefined, name: string): JsonSchema | undefined {
  const properties = schema?.properties
  const member = isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined
  return isObject(member) ? member : undefined
}

const itemsOf = (member: JsonSchema | undefined): JsonSchema | undefined =>
  isObject(member?.items) ? member.items : undefined

/** What a schema says elsewhere is not looked up: then the name decides, as without a schema. */
function isSecret(member: JsonSchema | undefined, name: string): boolean {
  if (member === undefined) return isSecretName(name)
  if (member.writeOnly === true) return true
  const parts = [member.allOf, member.anyOf, member.oneOf].flatMap((part) => (Array.isArray(part) ? part : []))
  if (parts.some((part) => isObject(part) && isSecret(part, name))) return true
  return member.$ref !== undefined && isSecretName(name)
}

/** The options as they may be shown. */
export const maskedOptions = (schema: JsonSchema | undefined, options: Options): Options =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, masked(memberOf(schema, name), value, name)]),
  )

function masked(member: JsonSchema | undefined, value: unknown, name: string): unknown {
  if (isSecret(member, name)) return MASK
  if (isObject(value)) return maskedOptions(member, value)
  return Array.isArray(value) ? value.map((item) => masked(itemsOf(member), item, '')) : value
}

/** Whether any of them is a secret. */
export const hasSecret = (schema: JsonSchema | undefined, options: Options): boolean =>
  JSON.stringify(maskedOptions(schema, options)) !== JSON.stringify(options)

/**
 * Given back masked, a secret stays what it is. One that was never set is left out, so that a new one in the configuration
 * holds; inside another option it is written in, as options are laid over each other whole.
 * @param set what was set so far.
 * @param effective all that holds now.
 */
export const unmasked = (schema: JsonSchema | undefined, given: Options, set: Options, effective: Options): Options =>
  Object.fromEntries(
    Object.entries(restored(schema, given, { ...effective, ...set })).filter(
      ([name]) => given[name] !== MASK || !isSecret(memberOf(schema, name), name) || Object.hasOwn(set, name),
    ),
  )

const restored = (schema: JsonSchema | undefined, given: Options, present: Options): Options =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const there = Object.hasOwn(present, name) ? present[name] : undefined
      return [name, restoredValue(memberOf(schema, name), value, there, name)]
    }),
  )

function restoredValue(member: JsonSchema | undefined, value: unknown, there: unknown, name: string): unknown {
  if (value === MASK && there !== undefined && isSecret(member, name)) return there
  if (isObject(value)) return restored(member, value, isObject(there) ? there : {})
  if (!Array.isArray(value)) return value
  // Of a shorter list items may have moved up, and would get a neighbour's secret: then the mask is what it says.
  const items = Array.isArray(there) && there.length <= value.length ? there : []
  return value.map((item, index) => restoredValue(itemsOf(member), item, items[index], ''))
}

function newAjv(): Ajv2020 {
  // Verbose errors tell what the schema knows beside; they are not handed on.
  const ajv = uniqueByText(new Ajv2020({ strict: false, verbose: true }))
  addFormats.default(ajv)
  return ajv
}

const shared = newAjv()
const compiled = new WeakMap<JsonSchema, ValidateFunction>()

/** @throws TypeError when the schema is none */
export function compile(processor: string, schema: JsonSchema): ValidateFunction {
  const known = compiled.get(schema)
  if (known) return known
  try {
    // An id is taken for good: a processor that comes again brings the same one.
    const validate = (schema.$id === undefined ? shared : newAjv()).compile(schema)
    compiled.set(schema, validate)
    return validate
  } catch (error) {
    throw new TypeError(`The options schema of ${processor} is no JSON Schema.`, { cause: error })
  }
}

/**
 * @param at where the options stand in what was sent.
 * @throws InvalidInput `invalid_request` with the field
 */
export function checkOptions(
  { name, optionsSchema }: Partial<Processor> & Pick<Processor, 'name'>,
  options: Options,
  at: string,
): void {
  if (!optionsSchema) return
  const validate = compile(name, optionsSchema)
  if (!validate(options)) throw invalidOption(name, at, validate.errors?.[0])
}

function invalidOption(name: string, at: string, error: ErrorObject | undefined): InvalidInput {
  const member = error?.params.missingProperty ?? error?.params.additionalProperty
  const field = [
    at,
    ...(error?.instancePath ?? '').split('/').slice(1),
    ...(member === undefined ? [] : [member]),
  ].join('.')
  const known = Object.keys(isObject(error?.parentSchema?.properties) ? error.parentSchema.properties : {})
  const advice = error?.keyword === 'additionalProperties' ? hint(String(member), known) : ''
  return new InvalidInput(
    'invalid_request',
    `The options do not fit ${name}: ${field} ${error?.message ?? 'is wrong'}.${advice}`,
    {
      field,
      expected: expectedBy(error, known),
      data: { processor: name },
    },
  )
}

function expectedBy(error: ErrorObject | undefined, known: readonly string[]): string {
  if (error?.keyword === 'enum') return `one of ${error.params.allowedValues.join(', ')}`
  if (error?.keyword === 'type') return `a value of type ${[error.params.type].flat().join(' or ')}`
  if (error?.keyword === 'required') return 'a value'
  if (error?.keyword === 'additionalProperties') return `one of ${known.join(', ')}`
  return error?.message ?? 'options that fit the schema'
}
