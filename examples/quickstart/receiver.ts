/**
 * The subscribers' side, a process of its own: three endpoints on one port, which trust nothing that is not signed.
 *
 * Webhooks are signed as Standard Webhooks (https://www.standardwebhooks.com) say; the check here is that project's own
 * library. Every request is written into the receiver's ledger together with the answer it got.
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { Subscriber } from './subscribers.js'

/** One request: the event in it, and what was answered (2xx says: I have it). */
export interface Arrival {
  readonly subscriber: string
  readonly source: string
  readonly id: string
  readonly type: string
  /** What it is about; null when it is about nothing in particular. */
  readonly subject: string | null
  readonly at: number
  readonly status: 204 | 503
}

/** What the parent process says. */
export type Order =
  | { readonly do: 'trust'; readonly subscriber: Subscriber | 'payroll'; readonly secret: string }
  | { readonly do: 'break' | 'repair'; readonly subscriber: Subscriber }
  | { readonly do: 'collect' }

/** What it hears. */
export type Report =
  | { readonly listening: number }
  | { readonly received: number; readonly refused: number; readonly forged: number }
  | { readonly arrivals: readonly Arrival[] }

const webhooks = new Map<string, Webhook>()
const broken = new Set<string>()
const arrivals: Arrival[] = []
const counts = { received: 0, refused: 0, forged: 0 }

const server = createServer(async (request, response) => {
  const body = await bodyOf(request)
  const status = receive(request.url?.slice(1) ?? '', body, request.headers)
  response.writeHead(status).end()
})

function receive(subscriber: string, body: string, headers: IncomingMessage['headers']): 204 | 401 | 503 {
  const event = verified(subscriber, body, headers)
  if (!event) {
    counts.forged += 1
    return 401
  }
  const status = broken.has(subscriber) ? 503 : 204
  counts[status === 204 ? 'received' : 'refused'] += 1
  const { source, id, type, subject = null } = event
  arrivals.push({ subscriber, source, id, type, subject, at: Date.now(), status })
  return status
}

interface CloudEvent {
  readonly source: string
  readonly id: string
  readonly type: string
  readonly subject?: string
}

function verified(subscriber: string, body: string, headers: IncomingMessage['headers']): CloudEvent | null {
  try {
    return webhooks.get(subscriber)?.verify(body, headers as Record<string, string>) as CloudEvent
  } catch {
    return null
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const tell = (report: Report): void => void process.send?.(report)

process.on('message', (order: Order) => {
  if (order.do === 'trust') webhooks.set(order.subscriber, new Webhook(order.secret))
  if (order.do === 'break') broken.add(order.subscriber)
  if (order.do === 'repair') broken.delete(order.subscriber)
  if (order.do === 'collect') tell({ arrivals })
})
// It lives no longer than its parent; Ctrl-C reaches both, and the parent decides.
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => undefined)

server.listen(0, '127.0.0.1', () => tell({ listening: (server.address() as AddressInfo).port }))
setInterval(() => tell(counts), 50)
