/**
 * The numbers an installation knows beyond the proven ones, in a YAML or JSON file, without code:
 *
 *     events:
 *       - id: 10007
 *         token: CardReplace
 *         title: Device Replaced
 *         caseOf: device.issued
 *         attributes:
 *           AdditionalInfoNum1: { flag: temporary }
 *           AdditionalInfoChar1: deviceType
 *           AdditionalInfoChar3: { list: [userId, reason] }
 */
import { parseDocument } from 'yaml'
import { type Category, type ErrorDetail, InvalidInput, isObject, NATIVE_TYPES } from '../../src/index.js'
import { type Fields, Reader, wrong as wrongField } from '../reader.js'
import { type About, KINDS, type Kind, type Slots } from './kinds.js'
import { code, flag, joined, number, SLOT_NAMES, type Slot, type SlotName, side, text } from './slots.js'

const MEMBERS = ['id', 'token', 'title', 'caseOf', 'phase', 'about', 'attributes']
const ABOUT: readonly About[] = ['device', 'request', 'user', 'operator']

/** @throws InvalidInput `invalid_config` with the field, such as `events[2].attributes.AdditionalInfoNum1` */
export function readSiteCatalogue(content: string): readonly Kind[] {
  const document = parseDocument(content, { prettyErrors: false })
  const [broken] = document.errors
  if (broken) throw config('The catalogue is no YAML or JSON.', { field: 'events', expected: broken.message })
  try {
    const file = new Reader(document.toJS({ maxAliasCount: 0 }), '', 'an object with events').only(
      ['events'],
      'a catalogue',
    )
    const kinds = (file.optionalList('events') ?? []).map((entry, index) => kindOf(entry, `events[${index}]`))
    kinds.forEach((kind, index) => {
      refuseTaken(kind, kinds.slice(0, index), `events[${index}]`)
    })
    return kinds
  } catch (error) {
    throw error instanceof InvalidInput && error.code !== 'invalid_config' ? asConfig(error) : error
  }
}

const config = (message: string, detail: ErrorDetail): InvalidInput =>
  new InvalidInput('invalid_config', message, detail)

const asConfig = ({ message, field, expected }: InvalidInput): InvalidInput =>
  config(`The catalogue of ActivID CMS numbers: ${message}`, {
    ...(field !== undefined && { field }),
    ...(expected !== undefined && { expected }),
  })

function refuseTaken({ eventId }: Kind, before: readonly Kind[], path: string): void {
  if (KINDS.some((kind) => kind.eventId === eventId))
    throw wrongField(`${path}.id`, 'another number: this one is proven by the documentation and known already')
  if (before.some((kind) => kind.eventId === eventId)) throw wrongField(`${path}.id`, 'each number once')
}

function kindOf(entry: unknown, path: string): Kind {
  const event = new Reader(entry, path).only(MEMBERS, 'an event')
  const caseOf = event.name('caseOf')
  const native = NATIVE_TYPES.find((type) => type.name === caseOf && type.category !== 'tocsin')
  if (!native) throw wrongField(event.at('caseOf'), 'a native type such as device.issued (`tocsin types list`)')
  return {
    eventId: event.integer('id', 1, 2 ** 31 - 1),
    token: event.name('token'),
    title: event.name('title'),
    category: native.category,
    caseOf,
    phase: choice(event, 'phase', ['pre', 'post'] as const, 'post'),
    about: choice(event, 'about', ABOUT, aboutOf(native.category)),
    slots: slotsOf(event.optionalObject('attributes')),
  }
}

function aboutOf(category: Category): About {
  return category === 'request' || category === 'user' ? category : category === 'workflow' ? 'user' : 'device'
}

function choice<Value extends string>(event: Reader, name: string, values: readonly Value[], otherwise: Value): Value {
  const given = event.optionalName(name) ?? otherwise
  const found = values.find((value) => value === given)
  if (found === undefined) throw wrongField(event.at(name), `one of ${values.join(', ')}`)
  return found
}

function slotsOf(attributes: Reader | undefined): Slots {
  if (!attributes) return {}
  attributes.only(SLOT_NAMES, 'the positional attributes')
  const entries = SLOT_NAMES.filter((name) => attributes.has(name)).map(
    (name) => [name, slotOf(attributes.get(name), name, attributes.at(name))] as const,
  )
  const names = entries.flatMap(([, slot]) => Object.keys(slot.gives))
  const doubled = names.find((name, index) => names.indexOf(name) !== index)
  if (doubled !== undefined) throw wrongField(attributes.at(doubled), 'each field from one attribute')
  return Object.fromEntries(entries)
}

const OF_TEXT = 'a field name, or { list: [names] }'
const OF_NUMBER =
  '{ number: NAME }, { flag: NAME }, { code: NAME, words: { 1: WORD } } or { side: NAME, words: [WORD, WORD] }'

function slotOf(value: unknown, slot: SlotName, path: string): Slot {
  const isNumber = slot.startsWith('AdditionalInfoNum')
  const made = isNumber ? numberSlot(value) : textSlot(value)
  if (made) return made
  throw wrongField(path, isNumber ? OF_NUMBER : OF_TEXT)
}

/** `activid` and `event` are ours, `error` comes from StatusDescription. */
const FIELD =
  /^(?!(activid|event|error|serialNumber|deviceSerialNumber|operator|constructor|prototype)$)[a-z][A-Za-z0-9]{0,63}$/

const isField = (value: unknown): value is string => typeof value === 'string' && FIELD.test(value)

function textSlot(value: unknown): Slot | null {
  if (isField(value)) return text(value)
  if (!isObject(value) || !hasOnly(value, ['list']) || !Array.isArray(value.list)) return null
  const names: readonly unknown[] = value.list
  return names.length > 0 && names.every(isField) ? joined(names as readonly string[], names.length) : null
}

function numberSlot(value: unknown): Slot | null {
  if (!isObject(value)) return null
  if (hasOnly(value, ['number']) && isField(value.number)) return number(value.number)
  if (hasOnly(value, ['flag']) && isField(value.flag)) return flag(value.flag)
  if (hasOnly(value, ['code', 'words']) && isField(value.code)) {
    const words = value.words ?? {}
    return isObject(words) && Object.entries(words).every(isWord)
      ? code(value.code, words as Record<number, string>)
      : null
  }
  if (!hasOnly(value, ['side', 'words']) || !isField(value.side) || !Array.isArray(value.words)) return null
  const [zero, one, ...more]: readonly unknown[] = value.words
  return typeof zero === 'string' && typeof one === 'string' && zero !== one && more.length === 0
    ? side(value.side, zero, one)
    : null
}

const isWord = ([key, word]: readonly [string, unknown]): boolean =>
  /^-?\d{1,10}$/.test(key) && typeof word === 'string' && word !== ''

const hasOnly = (value: Fields, names: readonly string[]): boolean =>
  Object.keys(value).every((name) => names.includes(name))
