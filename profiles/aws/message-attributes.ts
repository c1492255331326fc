/**
 * Attributes of messages: checked, counted, and summed up as clients check them.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
 */
import { createHash } from 'node:crypto'
import { invalid, type Parameters } from './parameters.js'

export interface MessageAttribute {
  readonly DataType: string
  readonly StringValue?: string
  /** Base64. */
  readonly BinaryValue?: string
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>

const NAME = /^(?!(?:aws|amazon)\.)(?!\.)(?!.*\.\.)(?!.*\.$)[A-Za-z0-9_.-]{1,256}$/i
const TYPE = /^(String|Number|Binary)(\.[^.]\S{0,254})?$/
const NUMBER = /^[+-]?(\d{1,38}(\.\d*)?|\.\d{1,38})([eE][+-]?\d{1,3})?$/
/** XML 1.0, section 2.2: what a message may hold. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: tab and line ends are allowed, and no other.
const ALLOWED = /^[\u0009\u000a\u000d\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u

export const isAllowedText = (text: string): boolean => ALLOWED.test(text)

/** @throws AwsError `InvalidParameterValue` with the name */
export function readAttributes(given: Parameters, service: 'sqs' | 'sns'): MessageAttributes {
  const read = Object.keys(given.fields).map((name): [string, MessageAttribute] => {
    if (!NAME.test(name))
      throw invalid(
        `The message attribute name ${quoted(name)} is not valid: letters, digits, _, - and single dots, not AWS. or Amazon. first.`,
      )
    return [name, readAttribute(name, given.object(name), service)]
  })
  return Object.fromEntries(read)
}

function readAttribute(name: string, given: Parameters, service: 'sqs' | 'sns'): MessageAttribute {
  given.only('DataType', 'StringValue', 'BinaryValue', 'StringListValues', 'BinaryListValues')
  if (lists(given)) throw invalid(`The message attribute ${quoted(name)} is a list, which is not supported.`)
  const type = given.optionalText('DataType') ?? ''
  const [, kind] = TYPE.exec(type) ?? []
  const isArray = service === 'sns' && type === 'String.Array'
  if (kind === undefined)
    throw invalid(
      `The message attribute ${quoted(name)} has an invalid type ${quoted(type)}: String, Number or Binary.`,
    )
  const field = kind === 'Binary' ? 'BinaryValue' : 'StringValue'
  const value = given.optionalText(field)
  if (value === undefined || value === '')
    throw invalid(`The message attribute ${quoted(name)} must have a ${field} that is not empty.`)
  if (given.get(kind === 'Binary' ? 'StringValue' : 'BinaryValue') !== undefined)
    throw invalid(`The message attribute ${quoted(name)} of type ${type} has a ${field} alone.`)
  if (kind === 'Number' && !NUMBER.test(value)) throw invalid(`The message attribute ${quoted(name)} is no number.`)
  if (kind !== 'Binary' && !isAllowedText(value))
    throw invalid(`The message attribute ${quoted(name)} has a character that is not allowed.`)
  if (kind === 'Binary' && !isBase64(value)) throw invalid(`The message attribute ${quoted(name)} is no base64.`)
  if (isArray && !isArrayOfScalars(value))
    throw invalid(`The message attribute ${quoted(name)} is no JSON array of strings, numbers, true, false and null.`)
  return { DataType: type, [field]: value }
}

const lists = (given: Parameters): boolean =>
  ['StringListValues', 'BinaryListValues'].some((name) => [given.get(name) ?? []].flat().length > 0)

const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0

function isArrayOfScalars(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.every((each) => typeof each !== 'object' || each === null)
  } catch {
    return false
  }
}

/** Bytes that the attributes count towards the size of a message: names, types, values. */
export const sizeOf = (attributes: MessageAttributes): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { DataType, ...value }]) =>
      sum + Buffer.byteLength(name) + Buffer.byteLength(DataType) + bytesOf(value).length,
    0,
  )

/** The same of those that nobody has checked yet: what is no text counts nothing. */
export const sizeOfUnchecked = (given: unknown): number =>
  sizeOf(Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [name, textsOf(value)])))

function textsOf(given: unknown): MessageAttribute {
  const texts = Object.entries(given ?? {}).filter(([, value]) => typeof value === 'string')
  return { DataType: '', ...Object.fromEntries(texts) }
}

const bytesOf = ({ StringValue, BinaryValue }: Omit<MessageAttribute, 'DataType'>): Buffer =>
  BinaryValue === undefined ? Buffer.from(StringValue ?? '') : Buffer.from(BinaryValue, 'base64')

export const md5 = (text: string | Uint8Array): string => createHash('md5').update(text).digest('hex')

/** Names, types and values, each after its length, in the order of names; undefined where there is nothing to sum up. */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort()
  if (names.length === 0) return undefined
  const sum = createHash('md5')
  const add = (bytes: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    sum.update(length).update(bytes)
  }
  for (const name of names) {
    const { DataType, ...value }: MessageAttribute = attributes[name] ?? { DataType: '' }
    add(Buffer.from(name))
    add(Buffer.from(DataType))
    sum.update(Buffer.of(value.BinaryValue === undefined ? 1 : 2))
    add(bytesOf(value))
  }
  return sum.digest('hex')
}

/** Those that a receiver asked for: `All`, `.*`, a name, or a beginning such as `bar.*`. */
export function wanted(attributes: MessageAttributes, names: readonly string[]): MessageAttributes {
  const isWanted = (name: string) =>
    names.some(
      (each) =>
        each === 'All' || each === '.*' || each === name || (each.endsWith('.*') && name.startsWith(each.slice(0, -1))),
    )
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)))
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 64))
