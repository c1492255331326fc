/**
 * Waits until Tocsin has nothing left to deliver. Whatever has not arrived then is lost.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Api } from './api.js'
import type { ReceiverProcess } from './receiver-process.js'

const UNFINISHED = '/v1/tasks?state=due&state=waiting&state=leased&limit=1'

/** Milliseconds without a single arrival. */
const PATIENCE = 30_000
const GAVE_UP = 'Tocsin has something left to deliver, but nothing has arrived for 30 seconds: the rest counts as lost.'

export async function settled(api: Api, receiver: ReceiverProcess): Promise<void> {
  let last = { received: receiver.counts.received, at: Date.now() }
  while (await unfinished(api)) {
    await wait(100)
    const { received } = receiver.counts
    if (received !== last.received) last = { received, at: Date.now() }
    if (Date.now() - last.at > PATIENCE) return console.error(GAVE_UP)
  }
  // Time for a duplicate that nobody has asked for.
  await wait(300)
}

const unfinished = async (api: Api): Promise<boolean> =>
  ((await api.call('GET', UNFINISHED)) as { readonly items: readonly unknown[] }).items.length > 0
