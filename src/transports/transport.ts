/**
 * A way out. `describe` tells API, CLI, console and docs what a target looks like; `open` gives a sender.
 */

import type { AnyEvent } from '../event/envelope.js'
import type { WireMessage } from '../formats/format.js'
import type { SignatureScheme } from '../formats/standard-webhooks.js'
import type { StopSignal } from '../pipeline/stop.js'
import type { Phases, SentRequest } from '../store/rows.js'
import type { DataCheck } from '../subscriptions/data-check.js'
import type { SigningSecret } from '../subscriptions/subscription-secrets.js'

/** A JSON Schema (draft 2020-12) of the target object; `writeOnly: true` marks a secret. */
export type TargetSchema = Readonly<Record<string, unknown>>

export interface TransportDescription {
  readonly name: string
  readonly title: string
  /** What it can promise, in words: `at least once`, `best effort` (reliability of the channel itself). */
  readonly promise: string
  readonly target: TargetSchema
  /** The format when a subscription names none. */
  readonly defaultFormat: string
  /**
   * Its senders can say several events in one message (`sendTogether`), so a subscription may ask for a digest; with `format`, only
   * as that writes them. Absent: they cannot. `member` of a target asks for such messages without a digest.
   */
  readonly digest?: { readonly format?: string; readonly member?: string }
}

export interface OutgoingMessage extends WireMessage {
  /** Stable over attempts and replays: receivers recognise a repeat by it. */
  readonly id: string
  readonly event: AnyEvent
  /** When this attempt starts, milliseconds. */
  readonly time: number
  /** 1 for the first. */
  readonly attempt: number
  /** When a replay asked for it: receivers that can be told that it is one are told. */
  readonly replayedAt?: number
  /** For the attempt log: how to say what was sent and where the time went, secrets masked. Asked only if the attempt is recorded. */
  readonly notes?: { take(tell: () => SentNotes): void }
}

export interface SentNotes {
  /** What was sent, if it was not the message's body. */
  readonly body?: string
  readonly request?: Omit<SentRequest, 'bytes' | 'digest'>
  readonly timing?: Phases
}

export type SendOutcome =
  | { readonly outcome: 'delivered'; readonly code?: string; readonly response?: string }
  /** Try again, after so many milliseconds if the receiver said so. */
  | {
      readonly outcome: 'retry'
      readonly code: string
      readonly message: string
      readonly after?: number
      readonly response?: string
    }
  /** Try again; counts neither towards exhaustion nor the breaker. */
  | { readonly outcome: 'release'; readonly code: string; readonly message: string; readonly after?: number }
  /** Never; `disable`: the receiver wants nothing more (410). */
  | {
      readonly outcome: 'refused'
      readonly code: string
      readonly message: string
      readonly disable?: boolean
      readonly response?: string
    }

export type { DataCheck, SigningSecret }

export interface Sender {
  /**
   * Answers an outcome for everything a receiver can do; throws only for a fault of ours.
   * Rejects with the signal's reason as soon as it is aborted: whoever aborted knows what that means for the task.
   */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome>
  /** As `send`, which it is then not asked: for who only asks a signal and listens to it, as an `AbortSignal` is made of each that is one. */
  sendUntil?(message: OutgoingMessage, signal: StopSignal): Promise<SendOutcome>
  /** In one message, in this order, as `send` would each: an outcome for each. There are two at least. */
  sendTogether?(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<readonly SendOutcome[]>
  close?(): Promise<void>
}

export interface Transport extends TransportDescription {
  /** How what is sent there is signed; absent: not at all. Each subscription gets a signing key of its own. */
  signature?(target: Readonly<Record<string, unknown>>): SignatureScheme
  /**
   * Refuses a target that must not be reached, before it is stored and again before each opening.
   * @param reads before it is stored: tells expressions that read data which the subscription's types do not describe.
   * @param place before it is stored: the resource in whose place the subscription is; null if it is of the whole tenant.
   * @throws InvalidInput `target_refused` or `invalid_request`, with the field.
   */
  check(target: Readonly<Record<string, unknown>>, reads?: DataCheck, place?: string | null): Promise<void>
  /**
   * Asks the receiver whether it wants what will be sent to it, before a subscription is made or its target changed.
   * @throws InvalidInput `target_refused`, or `invalid_request` with the field
   */
  prove?(target: Readonly<Record<string, unknown>>, secrets: readonly SigningSecret[]): Promise<void>
  /**
   * `target` has its secrets opened; `secrets` sign, and are never part of a target.
   * @throws TypeError if nothing is ever sent this way (`pull`).
   */
  open(target: Readonly<Record<string, unknown>>, secrets?: readonly SigningSecret[]): Sender
}
