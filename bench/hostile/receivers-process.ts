/**
 * A process with many receivers of webhooks, each on a port of its own. The good ones answer 204 and keep how long an event took;
 * the others do what receivers do that are down, slow or hostile.
 *
 * Asked `{ good, hostile }` it answers their ports; asked `{ count }`, the milliseconds once so many have come to good ones.
 */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Question = { readonly good: number; readonly hostile: number } | { readonly count: number }

let waited: number[] = []
let wanted = Number.POSITIVE_INFINITY

process.on('message', async (question: Question) => {
  if ('count' in question) {
    wanted = question.count
    return tell()
  }
  const good = await Promise.all(Array.from({ length: question.good }, () => listen(take)))
  const bad = Array.from({ length: question.hostile }, (_, index) => listen(MANNERS[index % MANNERS.length] ?? take))
  process.send?.({ good, hostile: await Promise.all(bad) })
})
process.on('disconnect', () => process.exit())
process.send?.('here')

function listen(serve: RequestListener): Promise<number> {
  const server = createServer({ requestTimeout: 0 }, serve)
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))
}

/** All processes of a machine share this clock. */
const now = (): number => Number(process.hrtime.bigint()) / 1e6

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const came = now()
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  response.writeHead(204).end()
  waited.push(came - JSON.parse(Buffer.concat(chunks).toString()).data.dueAt)
  tell()
}

function tell(): void {
  if (waited.length < wanted) return
  process.send?.(waited)
  waited = []
  wanted = Number.POSITIVE_INFINITY
}

const LARGE = Buffer.alloc(10_000_000, 'x')

const MANNERS: readonly RequestListener[] = [
  // Never answers.
  (request) => void request.resume(),
  // One byte of its answer at a time.
  (request, response) => {
    request.resume()
    response.writeHead(200)
    const timer = setInterval(() => response.write('x'), 500)
    response.on('close', () => clearInterval(timer))
  },
  (request) => void request.socket.destroy(),
  (request, response) => void request.resume().on('end', () => response.writeHead(500).end('down')),
  (request, response) => void request.resume().on('end', () => response.writeHead(500).end(LARGE)),
]
