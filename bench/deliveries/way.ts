/**
 * A way out that is measured: the transport with the server it delivers to, and the bare client beside it.
 */
import type { Need } from '../../test/faults/tools.js'
import type { AnyEvent } from '../tocsin.js'

export interface Way {
  /** As the row names it. */
  readonly name: string
  readonly transport: string
  /** Default: by tasks. */
  readonly delivery?: 'log'
  /** The client, as the row names it. */
  readonly against: string
  readonly count: number
  /** Both have so many under way. */
  readonly inFlight: number
  /** The least that ours should be of the client. */
  readonly goal: number
  /** The least that ours should be, deliveries a second. */
  readonly atLeast?: number
  readonly need?: Need
  open(): Promise<Place>
}

/** Where it is delivered to. */
export interface Place {
  /** Of a subscription. @param folder below which the hub writes files. */
  target(folder: string): Promise<object>
  client(folder: string): Promise<Client>
  close(): Promise<unknown>
}

export interface Client {
  /** Resolves when the server has it, as far as the protocol tells. */
  send(event: AnyEvent): Promise<unknown>
  close(): Promise<unknown>
}

export const HOST = '127.0.0.1'
