/**
 * Types as a file says them, by name: read strictly, and compared with those that are there.
 */
import { isDeepStrictEqual } from 'node:util'
import { InvalidInput } from '../errors.js'
import { isObject } from '../json-object.js'
import { type Category, SENSITIVE, type TypeDefinition } from './catalogue.js'
import { incompatibility, isHigherVersion } from './compatible.js'
import { hint } from './nearest.js'
import type { ResourceTypeDefinition } from './resource-types.js'

type Reader = (value: unknown) => boolean

const CATEGORIES: readonly Category[] = [
  ...(['device', 'credential', 'request', 'user', 'workflow', 'resource', 'registry'] as const),
]

const isText: Reader = (value) => typeof value === 'string' && /^[^\p{Cc}]{1,512}$/u.test(value)
const isVersion: Reader = (value) => typeof value === 'string' && /^\d{1,9}(\.\d{1,9}){0,3}$/.test(value)
const areTexts: Reader = (value) => Array.isArray(value) && value.length <= 200 && value.every(isText)

/** Fields by the name of their class. `sensitive` is the class of those in no other. */
const areClasses: Reader = (value) =>
  isObject(value) &&
  Object.entries(value).every(
    ([name, paths]) => /^[a-z][a-z0-9-]{0,63}$/.test(name) && name !== SENSITIVE && areTexts(paths),
  )

type Members = Readonly<Record<string, readonly [is: Reader, expected: string]>>

const TEXT = [isText, 'a text of 1 to 512 characters'] as const
const TEXTS = [areTexts, 'a list of texts'] as const
const VERSION = [isVersion, 'numbers with dots between, in quotes, such as "1.0"'] as const
const SCHEMA = [isObject, 'a JSON Schema'] as const

const OF_EVENTS: Members = {
  title: TEXT,
  version: VERSION,
  category: [(value) => CATEGORIES.includes(value as Category), `one of ${CATEGORIES.join(', ')}`],
  caseOf: TEXT,
  schema: SCHEMA,
  sensitive: TEXTS,
  classes: [areClasses, 'lists of fields by the name of their class: small letters, digits, -; not sensitive'],
  resourceType: TEXT,
  state: TEXTS,
  asynchronous: [(value) => value === false, 'false, or nothing'],
  documentation: TEXT,
}

const OF_RESOURCES: Members = { title: TEXT, version: VERSION, implements: TEXTS, schema: SCHEMA }

/** @throws InvalidInput `invalid_request` with a field such as `types.acme.lost.title` */
export const readEventTypes = (value: unknown): readonly TypeDefinition[] =>
  read(value, 'types', OF_EVENTS, ['title', 'category']) as readonly TypeDefinition[]

/** @throws InvalidInput `invalid_request` with a field such as `resourceTypes.plan.implements` */
export const readResourceTypes = (value: unknown): readonly ResourceTypeDefinition[] =>
  read(value, 'resourceTypes', OF_RESOURCES, []) as readonly ResourceTypeDefinition[]

function read(value: unknown, section: string, members: Members, needed: readonly string[]): readonly object[] {
  if (!isObject(value)) throw wrong(section, 'This is no object.', 'types by name')
  return Object.entries(value).map(([name, definition]) => {
    const place = `${section}.${name}`
    if (!isObject(definition))
      throw wrong(place, 'This is no object.', `an object with ${Object.keys(members).join(', ')}`)
    for (const [member, said] of Object.entries(definition)) {
      const [is, expected] = members[member] ?? []
      if (!is || !expected)
        throw wrong(
          `${place}.${member}`,
          `There is no member ${JSON.stringify(member)}.${hint(member, Object.keys(members))}`,
          Object.keys(members).join(', '),
        )
      if (!is(said)) throw wrong(`${place}.${member}`, `The ${member} is not valid.`, expected)
    }
    for (const member of needed)
      if (!(member in definition))
        throw wrong(`${place}.${member}`, `There is no ${member}.`, String(members[member]?.[1]))
    return { name, ...definition }
  })
}

const wrong = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field, expected })

// -------------------------------------------------------------------------------------------- comparing

type Definition = TypeDefinition | ResourceTypeDefinition

export interface TypeChange {
  readonly name: string
  readonly change: 'add' | 'change' | 'remove'
  /** The members that differ. */
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
  /** Where it is incompatible; null: who heard it goes on understanding it. */
  readonly breaks: string | null
}

/** @param prune what is not said goes. @throws InvalidInput for an incompatible change without a higher version */
export function typeChanges(
  section: string,
  present: readonly Definition[],
  said: readonly Definition[],
  prune: boolean,
): readonly TypeChange[] {
  const changes = said.flatMap((after) => {
    const before = present.find(({ name }) => name === after.name)
    return before ? changed(section, before, after) : [{ ...added(after), breaks: null }]
  })
  const names = new Set(said.map(({ name }) => name))
  const gone = prune ? present.filter(({ name }) => !names.has(name)) : []
  const removals = gone.map((before) => {
    const { name, ...members } = before
    return { name, change: 'remove', before: members, after: null, breaks: 'removed' } as const
  })
  return [...changes, ...removals]
}

const added = ({ name, ...members }: Definition) => ({ name, change: 'add', before: null, after: members }) as const

function changed(section: string, before: Definition, after: Definition): readonly TypeChange[] {
  const [was, is] = [before, after].map((each) => ({ ...each }) as Record<string, unknown>)
  const differing = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])].filter(
    (member) => !isDeepStrictEqual(was?.[member], is?.[member]),
  )
  if (differing.length === 0) return []
  const only = (of: Record<string, unknown> | undefined) =>
    Object.fromEntries(differing.map((member) => [member, of?.[member] ?? null]))
  const breaks = breakOf(before, after, differing)
  requireVersion(section, before, after, breaks)
  return [{ name: before.name, change: 'change', before: only(was), after: only(is), breaks }]
}

/** What is said of a type besides its schema and that changes what its name means. */
const MEANING = ['caseOf', 'resourceType', 'implements']

function breakOf(before: Definition, after: Definition, differing: readonly string[]): string | null {
  const meaning = differing.find((member) => MEANING.includes(member))
  return meaning ?? incompatibility(before.schema, after.schema)
}

const versionOf = ({ version = '1.0' }: Definition): string => version

function requireVersion(section: string, before: Definition, after: Definition, breaks: string | null): void {
  const [was, is] = [versionOf(before), versionOf(after)]
  if (is === was && breaks === null) return
  if (isHigherVersion(is, was)) return
  const field = `${section}.${after.name}.version`
  if (is !== was) throw wrong(field, `The version ${is} is below ${was}.`, `a version from ${was} on`)
  throw new InvalidInput('invalid_request', `${after.name} changes incompatibly at ${breaks}.`, {
    field,
    expected: `a version above ${was}`,
    data: { breaks },
  })
}
