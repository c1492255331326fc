/**
 * Open senders, one a subscription. A sender is opened once for a revision, closed when the revision changes, the subscription
 * goes or others need the room; what is being sent ends first.
 */
import { LRUCache } from 'lru-cache'
import { atMost } from '../access/at-most.js'
import type { Subscription } from '../subscriptions/subscription.js'
import type { Sender } from './transport.js'

export interface HeldSender {
  readonly sender: Sender
  /** To be called once, when the sending is over. */
  release(): void
}

export interface SenderCache<Way> {
  /** Rejects with the error of the opening, which is tried again next time. */
  acquire(subscription: Subscription, way: Way): Promise<HeldSender>
  /** The subscription was changed or removed. */
  forget(tenant: string, subscription: string): void
  /** Waits until all are closed. */
  close(): Promise<void>
}

export interface SenderCacheOptions<Way> {
  readonly open: (subscription: Subscription, way: Way) => Promise<Sender>
  /** Told when a sender fails to close; nobody else waits for it. */
  readonly onCloseError: (error: unknown) => void
  /** Senders kept open. */
  readonly most: number
}

interface Entry {
  readonly revision: number
  readonly opening: Promise<Sender>
  users: number
  retired: boolean
}

export function createSenderCache<Way>({ open, onCloseError, most }: SenderCacheOptions<Way>): SenderCache<Way> {
  const entries = new LRUCache<string, Entry>({ ...atMost(most), dispose: retire })
  const closing = new Set<Promise<void>>()

  function retire(entry: Entry): void {
    entry.retired = true
    closeIfIdle(entry)
  }

  function closeIfIdle(entry: Entry): void {
    if (!entry.retired || entry.users > 0) return
    const closed: Promise<void> = closeSender(entry.opening, onCloseError).finally(() => closing.delete(closed))
    closing.add(closed)
  }

  function entryOf(subscription: Subscription, way: Way): Entry {
    const key = keyOf(subscription.tenant, subscription.id)
    const known = entries.get(key)
    if (known?.revision === subscription.revision) return known
    const entry = { revision: subscription.revision, opening: open(subscription, way), users: 0, retired: false }
    entries.set(key, entry)
    entry.opening.catch(() => entries.peek(key) === entry && entries.delete(key))
    return entry
  }

  function release(entry: Entry): void {
    entry.users -= 1
    closeIfIdle(entry)
  }

  return {
    async acquire(subscription, way) {
      const entry = entryOf(subscription, way)
      entry.users += 1
      try {
        return { sender: await entry.opening, release: () => release(entry) }
      } catch (error) {
        release(entry)
        throw error
      }
    },
    forget(tenant, subscription) {
      entries.delete(keyOf(tenant, subscription))
    },
    async close() {
      entries.clear()
      await Promise.all(closing)
    },
  }
}

const keyOf = (tenant: string, subscription: string): string => JSON.stringify([tenant, subscription])

async function closeSender(opening: Promise<Sender>, onCloseError: (error: unknown) => void): Promise<void> {
  const sender = await opening.catch(() => null)
  try {
    await sender?.close?.()
  } catch (error) {
    onCloseError(error)
  }
}
