/**
 * What the five positional attributes of an AIMSEvent mean: it differs per event, so each kind names its own readers, and
 * each can be written again from the named fields. An unused slot is the constant 0 or null, and 0 is also a real code elsewhere: only the kind tells.
 */

import type { JsonSchema } from '../../src/index.js'
import { type Fields, type Reader, wrong } from '../reader.js'
import { FLAG, NAME, oneOf } from '../schema.js'

export const SLOT_NAMES = [
  'AdditionalInfoNum1',
  'AdditionalInfoNum2',
  'AdditionalInfoChar1',
  'AdditionalInfoChar2',
  'AdditionalInfoChar3',
] as const

export type SlotName = (typeof SLOT_NAMES)[number]

export interface Slot {
  /** The named fields this slot gives, and their schemas. */
  readonly gives: Readonly<Record<string, JsonSchema>>
  read(event: Reader, slot: SlotName): Fields
  /** The attribute of named fields; undefined: they do not say. */
  write(fields: Fields): Attribute | undefined
}

export type Attribute = string | number | null

/** A string; null and '' mean none. */
export const text = (name: string): Slot => ({
  gives: { [name]: NAME },
  read: (event, slot) => given(name, event.optionalName(slot)),
  write: (fields) => textIn(fields, name),
})

/** An identifying number, as text. */
export const number = (name: string): Slot => ({
  gives: { [name]: NAME },
  read: (event, slot) => given(name, event.optionalInteger(slot)?.toString()),
  write: (fields) => numberIn(textIn(fields, name)),
})

/** A documented 0 or 1. */
export const flag = (name: string): Slot => ({
  gives: { [name]: FLAG },
  read: (event, slot) => given(name, zeroOrOne(event, slot)),
  write: (fields) => (typeof fields[name] === 'boolean' ? Number(fields[name]) : undefined),
})

/** A documented 0 or 1 with a word for each. */
export const side = (name: string, zero: string, one: string): Slot => ({
  gives: { [name]: oneOf([zero, one]) },
  read: (event, slot) => {
    const value = zeroOrOne(event, slot)
    return given(name, value === undefined ? undefined : value ? one : zero)
  },
  write: (fields) => (fields[name] === zero ? 0 : fields[name] === one ? 1 : undefined),
})

/** A code from a list that installations and later versions extend: the documented word, else the number as text. */
export const code = (name: string, words: Readonly<Record<number, string>>): Slot => ({
  gives: { [name]: NAME },
  read: (event, slot) => {
    const value = event.optionalInteger(slot)
    return given(name, value === undefined ? undefined : (words[value] ?? String(value)))
  },
  write: (fields) => {
    const word = textIn(fields, name)
    const known = Object.entries(words).find(([, each]) => each === word)
    return numberIn(known ? known[0] : word)
  },
})

/**
 * A comma-joined list. With another number of parts than documented nothing is named (a device type may hold a comma):
 * the original stays in `data.activid`.
 */
export const joined = (names: readonly string[], least: number): Slot => ({
  gives: Object.fromEntries(names.map((name) => [name, NAME])),
  read: (event, slot) => {
    const parts = (event.optionalName(slot) ?? '').split(',').map((part) => part.trim())
    if (parts.length < least || parts.length > names.length) return {}
    return Object.fromEntries(parts.flatMap((part, index) => (part === '' ? [] : [[names[index] ?? '', part]])))
  },
  write: (fields) => {
    const parts = names.map((name) => textIn(fields, name) ?? '')
    const last = parts.findLastIndex((part) => part !== '')
    return last === -1 ? undefined : parts.slice(0, Math.max(least, last + 1)).join(',')
  },
})

const textIn = (fields: Fields, name: string): string | undefined => {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const numberIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : undefined

const given = (name: string, value: unknown): Fields => (value === undefined ? {} : { [name]: value })

function zeroOrOne(event: Reader, slot: SlotName): boolean | undefined {
  const value = event.optionalInteger(slot)
  if (value === undefined || value === 0 || value === 1) return value === undefined ? undefined : value === 1
  throw wrong(event.at(slot), '0 or 1')
}
