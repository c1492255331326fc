/**
 * A webhook receiver in the test's own process, and its ledger of everything that came.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pause, until } from './random.js'

export interface Received {
  readonly path: string
  /** The header `webhook-id`. */
  readonly webhookId: string
  readonly event: string
  readonly subject: string
  readonly sequence: string
  /** Which of the server's lives sent it. */
  readonly life: number
  readonly at: number
  readonly status: number
}

export interface Reply {
  readonly status: number
  /** Milliseconds before it is given. */
  readonly delay?: number
}

export interface Receiver {
  readonly url: string
  readonly ledger: readonly Received[]
  /** Whether a 2xx was given to this event on this path. */
  took(path: string, event: string): boolean
  /** What is received from now on is another life's. First waits until every connection of the last one is gone. */
  nextLife(): Promise<number>
  close(): Promise<void>
}

export async function openReceiver(reply: (path: string) => Reply = () => ({ status: 204 })): Promise<Receiver> {
  const ledger: Received[] = []
  const taken = new Set<string>()
  let life = 0
  let open = 0
  const server = createServer((request, response) => {
    const sender = life
    take(request, response, reply)
      .then((received) => {
        ledger.push({ ...received, life: sender })
        if (received.status < 300) taken.add(`${received.path} ${received.event}`)
      })
      .catch(() => undefined)
  })
  server.on('connection', (socket) => {
    open += 1
    socket.on('close', () => {
      open -= 1
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ledger,
    took: (path, event) => taken.has(`${path} ${event}`),
    async nextLife() {
      // What the kernel still holds for us of a dead process comes within a few turns of the loop.
      await pause(5)
      await until('the connections of the last life end', () => open === 0)
      life += 1
      return life
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Noted before it is answered: an answer may be lost, what came is not. */
async function take(
  request: IncomingMessage,
  response: ServerResponse,
  reply: (path: string) => Reply,
): Promise<Omit<Received, 'life'>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>
  const path = request.url ?? ''
  const { status, delay = 0 } = reply(path)
  setTimeout(() => response.writeHead(status).end(), delay)
  return {
    path,
    webhookId: String(request.headers['webhook-id']),
    event: String(body.id),
    subject: String(body.subject),
    sequence: String(body.sequence),
    at: Date.now(),
    status,
  }
}
