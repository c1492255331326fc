/**
 * Asks a person for what a JSON Schema wants: what is required first, then whatever else they name. Secrets are not shown.
 */
import { resolve } from 'node:path'
import { contentOf } from './arguments.js'
import { UsageError } from './failure.js'
import type { Io } from './io.js'
import type { Prompt } from './prompt.js'
import { at, cell, isRecord } from './table.js'

type Fields = Readonly<Record<string, unknown>>

/** Who is asked, and where files that answers name are. */
export type Asked = Pick<Io, 'err' | 'folder'> & { readonly prompt: Prompt }

/** The members of an object schema that were not given, laid over those that were. */
export async function interview(schema: unknown, given: Fields, asked: Asked, path = ''): Promise<Fields> {
  const members = membersOf(schema)
  const required = requiredIn(schema).filter((name) => given[name] === undefined)
  let answers = given
  for (const name of required) answers = await withMember(answers, name, members[name], asked, path)
  for (;;) {
    const rest = Object.keys(members).filter((name) => answers[name] === undefined)
    if (rest.length === 0) return answers
    const which = `${path === '' ? '' : `${path.slice(0, -1)}: `}${Object.keys(answers).length === 0 ? 'a' : 'another'} field?`
    const name = (await asked.prompt.ask(`${which} ${rest.join(', ')} (none): `)).trim()
    if (name === '') return answers
    if (rest.includes(name)) answers = await withMember(answers, name, members[name], asked, path, true)
    else asked.err(`There is no field ${cell(name)} here.\n`)
  }
}

/** Each member in turn; what is answered with nothing stays as it is. Answers what is new. */
export async function review(schema: unknown, present: Fields, asked: Asked): Promise<Fields> {
  let answers: Fields = {}
  const required = requiredIn(schema)
  for (const [name, member] of Object.entries(membersOf(schema))) {
    const known = present[name]
    const described = known === undefined ? member : { ...(isRecord(member) ? member : {}), default: known }
    const value = await askFor(name, described, asked, known !== undefined || !required.includes(name))
    if (value !== undefined && value !== known) answers = { ...answers, [name]: value }
  }
  return answers
}

/** One value, until it fits; undefined where nothing was said and that may be. */
export async function askFor(field: string, schema: unknown, asked: Asked, mayBeNothing = false): Promise<unknown> {
  const description = at(schema, 'description')
  if (typeof description === 'string') asked.err(`  ${description}\n`)
  if (at(schema, 'type') === 'object') return askForObject(field, schema, asked)
  for (;;) {
    const text = (await asked.prompt.ask(questionOf(field, schema, mayBeNothing), isSecret(schema))).trim()
    if (text === '' && mayBeNothing) return undefined
    if (text === '' && at(schema, 'default') !== undefined) return at(schema, 'default')
    const read = text === '' ? wrong('a value') : readAs(schema, text, asked)
    if ('value' in read) return read.value
    asked.err(`  It must be ${read.wrong}.\n`)
  }
}

const membersOf = (schema: unknown): Fields => {
  const properties = at(schema, 'properties')
  return isRecord(properties) ? properties : {}
}

const requiredIn = (schema: unknown): readonly string[] => {
  const required = at(schema, 'required')
  return Array.isArray(required) ? required.map(String) : []
}

async function withMember(
  answers: Fields,
  name: string,
  member: unknown,
  asked: Asked,
  path: string,
  mayBeNothing = false,
): Promise<Fields> {
  const value = await askFor(path + name, member, asked, mayBeNothing)
  return value === undefined ? answers : { ...answers, [name]: value }
}

/** With members of its own, or a map: of texts, or of objects, whose members are asked for in turn. */
async function askForObject(field: string, schema: unknown, asked: Asked): Promise<Fields | undefined> {
  if (Object.keys(membersOf(schema)).length > 0) return interview(schema, {}, asked, `${field}.`)
  const each = at(schema, 'additionalProperties')
  const ofObjects = Object.keys(membersOf(each)).length > 0
  let answers: Fields = {}
  for (;;) {
    const question = `${field}, ${ofObjects ? 'NAME' : 'NAME=VALUE'} (no more): `
    const text = (await asked.prompt.ask(question, isSecret(schema))).trim()
    if (text === '') return Object.keys(answers).length === 0 ? undefined : answers
    const cut = text.indexOf('=')
    if (ofObjects) answers = { ...answers, [text]: await interview(each, {}, asked, `${field}.${text}.`) }
    else if (cut > 0) answers = { ...answers, [text.slice(0, cut)]: valueIn(each, text.slice(cut + 1)) }
    else asked.err('  It must be NAME=VALUE.\n')
  }
}

const isSecret = (schema: unknown): boolean => at(schema, 'writeOnly') === true

/** `encryption, one of starttls, tls, none (starttls): `; what is known of a secret is not shown. */
function questionOf(field: string, schema: unknown, mayBeNothing: boolean): string {
  const choices = at(schema, 'enum')
  const standard = at(schema, 'default')
  const shown = standard === undefined ? (mayBeNothing ? 'none' : '') : isSecret(schema) ? 'kept' : worded(standard)
  return `${field}${Array.isArray(choices) ? `, one of ${choices.join(', ')}` : ''}${shown === '' ? '' : ` (${shown})`}: `
}

const worded = (value: unknown): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : cell(value))

type Read = { readonly value: unknown } | { readonly wrong: string }
const wrong = (expected: string): Read => ({ wrong: expected })

/** Checked as far as helps while typing; the server judges. `@FILE` is what the file holds. */
function readAs(schema: unknown, text: string, { folder }: Asked): Read {
  const choices = at(schema, 'enum')
  if (Array.isArray(choices)) {
    const chosen = choices.find((choice) => String(choice) === text)
    return chosen === undefined ? wrong(`one of ${choices.join(', ')}`) : { value: chosen }
  }
  switch (at(schema, 'type')) {
    case 'integer':
    case 'number':
      return numberIn(schema, text)
    case 'boolean':
      return /^(y|yes|true)$/i.test(text)
        ? { value: true }
        : /^(n|no|false)$/i.test(text)
          ? { value: false }
          : wrong('yes or no')
    case 'array':
      return { value: text.startsWith('[') ? jsonOr(text) : text.split(',').map((each) => itemIn(schema, each.trim())) }
    case 'string':
      return text.startsWith('@') ? fileIn(resolve(folder, text.slice(1))) : textIn(schema, text)
    default:
      return { value: valueIn(schema, text) }
  }
}

/** A number where the list holds numbers. */
function itemIn(schema: unknown, text: string): unknown {
  const type = at(schema, 'items.type')
  return type === 'integer' || type === 'number' ? jsonOr(text) : text
}

/** JSON; among alternatives a list or an object where they have one, and else the text: it may be CEL. */
function valueIn(schema: unknown, text: string): unknown {
  const value = jsonOr(text)
  const alternatives = at(schema, 'anyOf')
  if (!Array.isArray(alternatives)) return at(schema, 'type') === 'string' ? text : value
  const type = Array.isArray(value) ? 'array' : typeof value
  return type !== 'string' && alternatives.some((each) => at(each, 'type') === type) ? value : text
}

function numberIn(schema: unknown, text: string): Read {
  const [least, most] = [at(schema, 'minimum'), at(schema, 'maximum')]
  const value = Number(text)
  const isWhole = at(schema, 'type') !== 'integer' || Number.isInteger(value)
  const fits = isWhole && !(value < Number(least ?? -Infinity)) && !(value > Number(most ?? Infinity))
  if (fits && !Number.isNaN(value)) return { value }
  const kind = at(schema, 'type') === 'integer' ? 'a whole number' : 'a number'
  return wrong(`${kind}${least === undefined ? '' : ` from ${least}`}${most === undefined ? '' : ` to ${most}`}`)
}

function textIn(schema: unknown, text: string): Read {
  const pattern = at(schema, 'pattern')
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(text)) return wrong(`a text that fits ${pattern}`)
  return { value: text }
}

function fileIn(file: string): Read {
  try {
    return { value: contentOf(file) }
  } catch (error) {
    if (error instanceof UsageError) return wrong(`another file: ${error.message}`)
    throw error
  }
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
