/**
 * A key ring in use: seals what is given it for one record, and opens it again.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { InvalidInput, messageOf } from '../errors.js'
import { createRingKey, type KeyRing, parseKeyRing } from './key-ring.js'
import { type SealPlace, seal, unseal } from './seal.js'

export interface Sealer {
  /** @throws InvalidInput `invalid_config` when the instance has no sealing key */
  seal(plain: string, place: SealPlace): string
  /** @throws Fault `seal_broken` */
  open(sealed: string, place: SealPlace): string
}

export interface SealingSettings {
  readonly key?: string | undefined
  readonly keyFile?: string | undefined
}

/**
 * @param settings the ring as text or file; without either, secrets are refused when one is to be kept.
 * @param volatile nothing outlives the process, so a key made now is as good as any.
 * @throws InvalidInput `invalid_config` for a ring that cannot be read
 */
export function createSealer(settings: SealingSettings, volatile: boolean): Sealer {
  const ring = ringOf(settings, volatile)
  return {
    seal: (plain, place) => seal(ring ?? missing(), plain, place, randomBytes),
    open: (sealed, place) => unseal(ring ?? missing(), sealed, place),
  }
}

function ringOf({ key, keyFile }: SealingSettings, volatile: boolean): KeyRing | null {
  if (key !== undefined) return parseKeyRing(key)
  if (keyFile !== undefined) return parseKeyRing(readRing(keyFile))
  return volatile ? parseKeyRing(createRingKey(randomBytes)) : null
}

function readRing(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new InvalidInput('invalid_config', `The sealing key cannot be read: ${messageOf(error)}.`, {
      field: 'sealing.keyFile',
      expected: 'a readable file',
    })
  }
}

function missing(): never {
  throw new InvalidInput('invalid_config', 'This instance has no sealing key, so it keeps no secrets.', {
    field: 'sealing.keyFile',
    expected: 'a key, as `tocsin init` makes it',
  })
}
