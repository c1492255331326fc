/**
 * Listeners on both loopback addresses, on one port, that nobody should reach; they count who came all the same.
 */
import { rawReceiver } from './raw-receiver.js'

export interface Canaries {
  readonly port: number
  /** Connections so far. */
  reached(): number
  close(): Promise<void>
}

const ANSWER = 'HTTP/1.1 204 No Content\r\n\r\n'

export async function openCanaries(): Promise<Canaries> {
  const onRequest = (socket: { end(text: string): void }) => socket.end(ANSWER)
  const first = await rawReceiver({ host: '127.0.0.1', onRequest })
  const second = await rawReceiver({ host: '::1', port: first.port, onRequest })
  return {
    port: first.port,
    reached: () => first.connections() + second.connections(),
    close: async () => void (await Promise.all([first.close(), second.close()])),
  }
}
