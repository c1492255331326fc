/**
 * The keys that seal secrets. The text of a ring is one or more keys of 32 bytes in base64, apart by white space or
 * commas; the first seals, all open. To rotate: put a new key in front, reseal, then take the old one away.
 */
import { createHash, createSecretKey, type KeyObject } from 'node:crypto'
import { InvalidInput } from '../errors.js'
import type { RandomBytes } from './key-text.js'

export interface KeyRing {
  /** The id of the key that seals. */
  readonly current: string
  /** By id. A `KeyObject` does not print its bytes. */
  readonly keys: ReadonlyMap<string, KeyObject>
}

const KEY_BYTES = 32
/** Base64 of 32 bytes, with or without padding, in the URL alphabet or the old one. */
const KEY_TEXT = /^[A-Za-z0-9+/_-]{43}=?$/

/** The text of a new key, for the ring's file or environment. */
export const createRingKey = (random: RandomBytes): string => Buffer.from(random(KEY_BYTES)).toString('base64')

/**
 * @param text may have comments: lines that begin with `#`.
 * @throws InvalidInput `invalid_config`, naming the key by its place and never by its text.
 */
export function parseKeyRing(text: string): KeyRing {
  const keys = wordsOf(text).map(parseKey)
  const [first] = keys
  if (first === undefined) throw invalid('There is no key.')
  const ring = new Map(keys.map((key) => [idOf(key), createSecretKey(key)] as const))
  if (ring.size < keys.length) throw invalid('The same key is given twice.')
  return { current: idOf(first), keys: ring }
}

function wordsOf(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'))
  return lines.flatMap((line) => line.split(/[\s,]+/)).filter((word) => word !== '')
}

function parseKey(word: string, index: number): Buffer {
  const bytes = Buffer.from(word, 'base64')
  if (!KEY_TEXT.test(word)) {
    throw invalid(`Key ${index + 1} of the ring has ${word.length} characters or is not base64.`)
  }
  if (bytes.length !== KEY_BYTES) throw invalid(`Key ${index + 1} of the ring has ${bytes.length} bytes.`)
  if (bytes.every((byte) => byte === bytes[0])) throw invalid(`Key ${index + 1} of the ring is one byte repeated.`)
  return bytes
}

/** Made from the key, so that one id never stands for two keys; 48 bits of a hash tell nothing of 256. */
const idOf = (key: Buffer): string =>
  createHash('sha256').update('tocsin key id').update(key).digest('base64url').slice(0, 8)

const invalid = (message: string): InvalidInput =>
  new InvalidInput('invalid_config', message, {
    field: 'sealing.key',
    expected: 'one or more keys of 32 bytes in base64, the current one first',
  })
