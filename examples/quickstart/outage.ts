/**
 * Door control has a bad moment: its endpoint answers 503 for two seconds, then it is well again.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Ledger } from './ledger.js'
import type { ReceiverProcess } from './receiver-process.js'

const MILLISECONDS = 2_000

/** @param planned the events of the run; it begins when a third of them is published. */
export async function outage(ledger: Ledger, receiver: ReceiverProcess, planned: number): Promise<void> {
  while (ledger.entries.length < planned / 3) await wait(10)
  receiver.break('doors')
  // However quick the run, somebody must have been turned away.
  await Promise.all([wait(MILLISECONDS), refusedOne(ledger, receiver, planned)])
  receiver.repair('doors')
}

async function refusedOne(ledger: Ledger, receiver: ReceiverProcess, planned: number): Promise<void> {
  while (receiver.counts.refused === 0 && ledger.entries.length < planned) await wait(10)
}
