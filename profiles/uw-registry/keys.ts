/**
 * The keys of an installation: which certificate and shared key a message is written with at a moment, and what is believed of
 * those that come in. A new key is named beside the old one, with the moment from which it is used; what was written with the
 * old one stays readable as long as that is named.
 */
import type { KeyObject } from 'node:crypto'
import { wrong } from '../reader.js'
import type { SharedKey, Signer } from './uwit.js'

export interface SigningKey extends Signer {
  readonly environment: string
  /** Milliseconds. */
  readonly from: number
}

export interface EncryptionKey extends SharedKey {
  readonly environment: string
  /** Names such as `source`. */
  readonly topics: readonly string[]
  readonly from: number
}

/** What is believed of messages that come in. */
export interface Trust {
  /** Public keys by the address of their certificate: no other address is believed, whatever it names. */
  readonly certificates: ReadonlyMap<string, KeyObject>
  /** By id. */
  readonly keys: ReadonlyMap<string, Buffer>
}

export interface KeyLists {
  readonly signing: readonly SigningKey[]
  readonly encryption: readonly EncryptionKey[]
}

export class Keys {
  readonly #lists: KeyLists

  constructor(lists: KeyLists) {
    this.#lists = lists
  }

  /** Each environment has its own: what is signed for one is never believed in another. @throws InvalidInput `invalid_config` */
  signer(environment: string, at: number): Signer {
    const signer = latest(
      this.#lists.signing.filter((key) => key.environment === environment),
      at,
    )
    if (signer) return signer
    throw wrong('signing', `a key that signs for ${environment} now`, 'invalid_config')
  }

  /** Null where the topic is not encrypted. */
  encrypts(environment: string, topic: string, at: number): SharedKey | null {
    const those = this.#lists.encryption.filter((key) => key.environment === environment && key.topics.includes(topic))
    const key = latest(those, at)
    if (key || those.length === 0) return key ?? null
    throw wrong('encryption', `a key for ${topic} of ${environment} that is in use already`, 'invalid_config')
  }
}

const latest = <Key extends { readonly from: number }>(keys: readonly Key[], at: number): Key | undefined =>
  keys.filter(({ from }) => from <= at).reduce<Key | undefined>((a, b) => (a && a.from >= b.from ? a : b), undefined)
