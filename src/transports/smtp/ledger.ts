/**
 * Who was mailed of which event: several subscriptions may name the same person, who gets one mail.
 */
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { AnyEvent } from '../../event/envelope.js'
import { personOf } from './mail.js'

/** One event to one person within a tenant. The person is a digest: whoever reads the table learns no address. */
export interface MailKey {
  readonly tenant: string
  readonly event: string
  readonly person: string
}

export interface MailLedger {
  /**
   * `yours`: nobody else mails this until the claim ends. `told`: it was mailed already. `busy`: somebody else is at it.
   * @param by the message: one subscription telling one event, at any attempt.
   * @param again mail once more what this message itself has mailed before.
   */
  claim(key: MailKey, by: string, again: boolean): Promise<'yours' | 'told' | 'busy'>
  /** The claim ends: it was mailed, or it was not and is anybody's again. */
  settle(key: MailKey, by: string, told: boolean): Promise<void>
}

export const mailKeyOf = ({ tenant = '', source, id }: AnyEvent, address: string): MailKey => ({
  tenant,
  event: digest(source, id),
  person: digest(personOf(address)),
})

const digest = (...parts: readonly string[]): string => hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)

/** Longer than an attempt may take (300 s): whoever still holds a claim then is gone. */
export const CLAIM = 330_000
const MOST = 100_000

/** Of this process alone. */
export function memoryLedger(now: () => number): MailLedger {
  const entries = new LRUCache<string, { readonly by: string; readonly until: number | null }>({ max: MOST })
  const nameOf = ({ tenant, event, person }: MailKey) => JSON.stringify([tenant, event, person])
  return {
    async claim(key, by, again) {
      const entry = entries.get(nameOf(key))
      const mine = entry?.by === by
      if (entry?.until === null && !(mine && again)) return 'told'
      if (entry !== undefined && entry.until !== null && entry.until > now() && !mine) return 'busy'
      entries.set(nameOf(key), { by, until: now() + CLAIM })
      return 'yours'
    },
    async settle(key, by, told) {
      if (entries.get(nameOf(key))?.by !== by) return
      if (told) entries.set(nameOf(key), { by, until: null })
      else entries.delete(nameOf(key))
    },
  }
}
