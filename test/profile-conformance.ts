/**
 * What every profile must hold, as vitest tests: its samples translate and fit their types, anything else is refused
 * precisely, and nothing is read from the clock or from chance.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Random } from '../profiles/random.js'
import {
  canonical,
  checkAttributes,
  type EventInput,
  InvalidInput,
  NATIVE_TYPES,
  type Plugin,
  type Translator,
} from '../src/index.js'

export const CONTEXT = { source: '/systems/one', receivedAt: Date.UTC(2026, 10, 21) }

/** A small seeded generator (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function translatorOf(plugin: Plugin): Translator {
  const translator = plugin.translators?.[0]
  if (!translator) throw new TypeError(`${plugin.name} has no translator.`)
  return translator
}

/** The one event a message gives. */
export function translated(plugin: Plugin, message: unknown): EventInput {
  const events = translatorOf(plugin).translate(message, CONTEXT)
  expect(events).toHaveLength(1)
  return events[0] ?? { type: '' }
}

/** The error a message is refused with. */
export function refusal(plugin: Plugin, message: unknown): InvalidInput {
  try {
    translatorOf(plugin).translate(message, CONTEXT)
  } catch (error) {
    if (error instanceof InvalidInput) return error
    throw error
  }
  throw new Error('The message was not refused.')
}

/** One row of a table of bad messages: what is wrong with it, the message, the field the error names. */
export type BadMessage = readonly [why: string, message: unknown, field: string | RegExp]

export function proveProfile(
  plugin: Plugin,
  samples: (n: number, random: Random) => readonly unknown[],
  bad: readonly BadMessage[],
): void {
  const check = checker(plugin)
  const many = samples(600, seeded(7))

  describe('its samples', () => {
    it('translate and fit the schemas of their own type and of the native one', () => {
      expect(many).toHaveLength(600)
      for (const message of many) check(translated(plugin, message))
    })
    it('show every type of the catalogue', () => {
      const shown = new Set(many.map((message) => translated(plugin, message).type))
      expect([...shown].sort()).toEqual(plugin.catalogue?.map((type) => type.name).sort())
    })
    it('are the same for the same seed, and so are the events', () => {
      expect(samples(600, seeded(7))).toEqual(many)
      expect(many.map((message) => translated(plugin, message))).toEqual(
        many.map((message) => translated(plugin, message)),
      )
    })
  })

  describe('bad messages', () => {
    it.each(bad)('%s', (_, message, field) => {
      const error = refusal(plugin, message)
      if (typeof field === 'string') expect(error.field).toBe(field)
      else expect(error.field).toMatch(field)
      expect(error.message).not.toMatch(/undefined|\[object/)
    })
    it.each(NEVER_A_MESSAGE)('no message at all: %s', (_, message) => {
      expect(refusal(plugin, message).field).toBeTruthy()
    })
    it('anything is translated or refused with a field, never a crash', () => {
      fc.assert(
        fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (message) =>
          survives(plugin, check, message),
        ),
      )
    })
    it('a sample with anything in one place is translated or refused with a field', () => {
      const places = fc.constantFrom(...many.slice(0, 60))
      fc.assert(
        fc.property(places, fc.nat(), fc.jsonValue(), (message, place, value) =>
          survives(plugin, check, replaced(message, place, value)),
        ),
        { numRuns: 1000 },
      )
    })
  })
}

const NEVER_A_MESSAGE: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 7],
  ['an array', []],
  ['an array of objects', [{}]],
  ['an empty object', {}],
  ['a function', () => 1],
  ['a __proto__ key', JSON.parse('{"__proto__":{"EventID":10001}}')],
  ['a date', new Date(0)],
]

function survives(plugin: Plugin, check: (event: EventInput) => void, message: unknown): void {
  try {
    for (const event of translatorOf(plugin).translate(message, CONTEXT)) check(event)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInput)
    expect((error as InvalidInput).field).toBeTruthy()
  }
}

/** Intake would take the event: attributes of their kinds, plain JSON. */
function fits(event: EventInput): void {
  expect(() => checkAttributes(event)).not.toThrow()
  expect(() => canonical(event, '')).not.toThrow()
}

/** The message with the `place`-th member, counted through the whole tree, replaced. */
function replaced(message: unknown, place: number, value: unknown): unknown {
  const paths = pathsOf(message)
  const path = paths[place % paths.length] ?? []
  return put(message, path, value)
}

const pathsOf = (value: unknown): readonly (readonly string[])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) => [[key], ...pathsOf(member).map((path) => [key, ...path])])
    : []

function put(value: unknown, [key, ...rest]: readonly string[], member: unknown): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return member
  const inner = put(Reflect.get(value, key), rest, member)
  if (Array.isArray(value)) return value.map((each, index) => (String(index) === key ? inner : each))
  return { ...value, [key]: inner }
}

/** Checks an event's attributes and its data against the catalogue's schema and the native type's. */
function checker(plugin: Plugin): (event: EventInput) => void {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })
  addFormats.default(ajv)
  const own = new Map(plugin.catalogue?.map((type) => [type.name, { type, valid: ajv.compile(type.schema ?? {}) }]))
  const native = new Map<string, ValidateFunction>(
    NATIVE_TYPES.map((type) => [type.name, ajv.compile(type.schema ?? {})]),
  )
  return (event) => {
    const known = own.get(event.type)
    expect(known, event.type).toBeDefined()
    expect(known?.valid(event.data), `${event.type}: ${ajv.errorsText(known?.valid.errors)}`).toBe(true)
    const parent = known?.type.caseOf === undefined ? undefined : native.get(known.type.caseOf)
    expect(parent?.(event.data) ?? true, `${known?.type.caseOf}: ${ajv.errorsText(parent?.errors)}`).toBe(true)
    expect(Object.values(event)).not.toContain(undefined)
    fits(event)
  }
}
