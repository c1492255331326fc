/**
 * Who was mailed of which event: several subscriptions may name the same person, who gets one mail.
 */
import { hash } from 'node:crypto'
import type { AnyEvent } from '../../event/envelope.js'
import type { MailClaimed, MailKey } from '../../store/mail-rules.js'
import type { MailStore } from '../../store/port.js'
import { personOf } from './address.js'

export interface MailLedger {
  /**
   * @param message one subscription telling one event, at any attempt.
   * @param again what it had mailed by that time is mailed once more, as a replay wants; absent: nothing is.
   */
  claim(key: MailKey, message: string, again?: number): Promise<MailClaimed>
  /** The claim ends: it was mailed, or it was not and is anybody's again. */
  settle(key: MailKey, message: string, told: boolean): Promise<void>
}

export const mailKeyOf = ({ tenant = '', source, id }: AnyEvent, address: string): MailKey => ({
  tenant,
  event: digest(source, id),
  person: digest(personOf(address)),
})

const digest = (...parts: readonly string[]): string => hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)

/** Longer than an attempt may take (300 s): whoever still holds a claim then is gone. */
export const CLAIM = 330_000

/** In the store, so that all nodes know, and one that was started again. */
export const storedLedger = (mail: Pick<MailStore, 'claim' | 'settle'>, now: () => number): MailLedger => ({
  claim: (key, message, again) => mail.claim(key, { message, now: now(), until: now() + CLAIM, again: again ?? null }),
  settle: (key, message, told) => mail.settle(key, message, told, now()),
})
