/**
 * Which inputs a plug-in needs, and how they reach it: they are the options of its processor, so API and command line ask for
 * them, check them, seal the secret ones and never show those again. How the vendor's template names its parts is not documented.
 */
import type { JsonSchema } from '../../src/index.js'

export interface ConfigurationInput {
  /** Letters, digits, `.`, `_`, `-`. */
  readonly name: string
  /** For people. */
  readonly label?: string
  readonly description?: string
  /** Default: text. */
  readonly type?: 'text' | 'integer' | 'boolean'
  /** One of these. */
  readonly choices?: readonly string[]
  readonly required?: boolean
  /** Sealed, and shown to nobody but the plug-in. It can have no default. */
  readonly secret?: boolean
  readonly default?: string | number | boolean
}

export interface ConfigurationTemplate {
  readonly inputs: readonly ConfigurationInput[]
}

/** The inputs by name. One that was not given and has no default is absent. */
export type Configuration = Readonly<Record<string, unknown>>

export interface OptionsOfTemplate {
  readonly options: Configuration
  readonly optionsSchema: JsonSchema
}

/** @throws TypeError: the template is wrong, and where */
export function optionsOf(template: ConfigurationTemplate): OptionsOfTemplate {
  const inputs = inputsOf(template)
  const defaults = inputs.filter((input) => input.default !== undefined)
  return {
    options: Object.fromEntries(defaults.map((input) => [input.name, input.default])),
    optionsSchema: {
      type: 'object',
      properties: Object.fromEntries(inputs.map((input) => [input.name, schemaOf(input)])),
      required: inputs.filter(({ required }) => required).map(({ name }) => name),
      additionalProperties: false,
    },
  }
}

/** What must be given and is not. */
export const missingIn = (template: ConfigurationTemplate, given: Configuration): readonly string[] =>
  template.inputs.flatMap(({ name, required }) => (required && !Object.hasOwn(given, name) ? [name] : []))

const NAME = /^[A-Za-z][\w.-]{0,99}$/
const TYPES = { text: 'string', integer: 'integer', boolean: 'boolean' } as const

function inputsOf(template: ConfigurationTemplate): readonly ConfigurationInput[] {
  const inputs: unknown = template?.inputs
  if (!Array.isArray(inputs)) throw new TypeError('getConfigurationTemplate must answer { inputs: [...] }.')
  const names = new Set<string>()
  for (const input of inputs as readonly ConfigurationInput[]) {
    if (typeof input?.name !== 'string' || !NAME.test(input.name))
      throw new TypeError(`An input of the template is named ${JSON.stringify(input?.name)}.`)
    if (names.has(input.name)) throw new TypeError(`The template has two inputs named ${input.name}.`)
    const wrong = faultOf(input)
    if (wrong !== null) throw new TypeError(`The input ${input.name} ${wrong}.`)
    names.add(input.name)
  }
  return inputs as readonly ConfigurationInput[]
}

/** Plug-ins may be plain JavaScript, where nothing else has looked. */
function faultOf({ type = 'text', choices, default: given, ...input }: ConfigurationInput): string | null {
  if (!Object.hasOwn(TYPES, type)) return `has a type that is none of ${Object.keys(TYPES).join(', ')}`
  if (!isMaybe(input.label, 'string') || !isMaybe(input.description, 'string'))
    return 'has a label or a description that is no text'
  if (!isMaybe(input.required, 'boolean') || !isMaybe(input.secret, 'boolean'))
    return 'says required or secret by something else than true or false'
  if (choices !== undefined && !areChoices(choices)) return 'has choices that are not different texts, at least one'
  if (given === undefined) return null
  if (input.secret) return 'is secret and has a default, which everybody can read'
  if (choices) return choices.some((choice) => choice === given) ? null : 'has a default that is none of its choices'
  const isOfType = type === 'integer' ? Number.isInteger(given) : typeof given === TYPES[type]
  return isOfType ? null : `has a default that is no ${type}`
}

const isMaybe = (value: unknown, type: 'string' | 'boolean'): boolean => value === undefined || typeof value === type

const areChoices = (choices: unknown): boolean =>
  Array.isArray(choices) &&
  choices.length > 0 &&
  choices.every((choice) => typeof choice === 'string') &&
  new Set(choices).size === choices.length

const schemaOf = ({ label, description, type = 'text', choices, secret }: ConfigurationInput): JsonSchema => ({
  ...(choices ? { enum: choices } : { type: TYPES[type] }),
  ...(label !== undefined && { title: label }),
  ...(description !== undefined && { description }),
  // Said either way: without it a name such as `token` would make a secret of it.
  writeOnly: secret === true,
})
