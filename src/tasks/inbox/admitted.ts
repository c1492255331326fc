/**
 * Waiting until what hosts committed is in the log, or refused: it is true from their commit on, and admitted a little later.
 */
import type { Store } from '../../store/port.js'
import { pause } from '../rounds.js'

/** Milliseconds between two looks. */
const POLL = 10
const PAGE = 100

type Pending = Pick<NonNullable<Store['inbox']>, 'list'>

/** Resolves when nothing is pending that was pending when it was asked, or when the signal aborts. */
export async function admittedBefore(inbox: Pending | undefined, tenant: string, signal: AbortSignal): Promise<void> {
  if (inbox === undefined) return
  const last = await lastPending(inbox, tenant)
  while (last !== null && !signal.aborted) {
    const [oldest] = await pendingAfter(null, 1, inbox, tenant)
    if (oldest === undefined || oldest.number > last) return
    await pause(POLL, signal)
  }
}

async function lastPending(inbox: Pending, tenant: string): Promise<number | null> {
  for (let last: number | null = null; ; ) {
    const page: readonly { readonly number: number }[] = await pendingAfter(last, PAGE, inbox, tenant)
    last = page.at(-1)?.number ?? last
    if (page.length < PAGE) return last
  }
}

const pendingAfter = (after: number | null, limit: number, inbox: Pending, tenant: string) =>
  inbox.list({ tenant, states: ['pending'] }, { after, limit })
