/**
 * A process that posts events: connections that each send the next request when the last is answered. Sockets alone, so
 * that the load costs as little as it can of the machine it shares with the server.
 */
import { connect, type Socket } from 'node:net'
import { eventAt } from '../event.js'
import { perSecond } from '../place.js'
import { toWire } from '../tocsin.js'

export interface Load {
  readonly port: number
  readonly key: string
  readonly connections: number
  readonly count: number
}

process.on('message', async (load: Load) => process.send?.(await run(load)))
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** Requests answered 202 a second. */
async function run({ port, key, connections, count }: Load): Promise<number> {
  const idle = await Promise.all(Array.from({ length: connections }, () => open(port)))
  const sockets = [...idle]
  const rate = await perSecond(count, connections, async (index) => {
    const socket = idle.pop() as Socket
    await post(socket, requestFor(index, key))
    idle.push(socket)
  })
  for (const socket of sockets) socket.destroy()
  return rate
}

const open = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true }, () => resolve(socket)).once('error', reject)
  })

function requestFor(index: number, key: string): string {
  const body = JSON.stringify(toWire(eventAt(index)))
  const head = [
    'POST /v1/events HTTP/1.1',
    'host: 127.0.0.1',
    `authorization: Bearer ${key}`,
    'content-type: application/cloudevents+json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

/** Answers are small and come in one piece. */
function post(socket: Socket, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('data', (answer) => {
      const status = answer.toString('latin1', 9, 12)
      if (status === '202') resolve()
      else reject(new Error(`An event was answered ${answer}`))
    })
    socket.write(request)
  })
}
