/**
 * A receiver on loopback that says exactly what a test wants, byte by byte, and counts who came.
 */
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'

export interface RawReceiver {
  readonly port: number
  /** Connections accepted so far. */
  readonly connections: () => number
  /** Everything received so far, of all connections. */
  readonly received: () => string
  /** Connections that are open now, and that were closed. */
  readonly open: () => number
  readonly closed: () => number
  close(): Promise<void>
}

export interface RawReceiverOptions {
  readonly host?: string
  readonly port?: number
  /** Called with each request, known by the blank line after its headers. */
  readonly onRequest?: (socket: net.Socket) => void
  /** Called with each connection. */
  readonly onConnection?: (socket: net.Socket) => void
}

export async function rawReceiver(options: RawReceiverOptions = {}): Promise<RawReceiver> {
  const sockets = new Set<net.Socket>()
  const heard: string[] = []
  let connections = 0
  const server = net.createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
    socket.on('data', (bytes) => {
      heard.push(bytes.toString('latin1'))
      if (bytes.includes('\r\n\r\n')) options.onRequest?.(socket)
    })
    options.onConnection?.(socket)
  })
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    received: () => heard.join(''),
    open: () => sockets.size,
    closed: () => connections - sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
