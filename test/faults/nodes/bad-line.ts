/**
 * A bad line to a server: what goes through it can be cut, held back, swallowed or ended on one side.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** `pass`; `swallow`: nothing goes through and nobody is told; `refuse`: who comes is turned away. */
export type Mood = 'pass' | 'swallow' | 'refuse'

export interface BadLine {
  readonly port: number
  mood: Mood
  /** Milliseconds that each piece is held back, in both directions. */
  delay: number
  /** Connections end without a word. */
  cut(): void
  /** The server's side is told that nothing more comes; the client is not. */
  halfClose(): void
  close(): Promise<void>
}

interface Line {
  readonly client: Socket
  readonly server: Socket
}

export async function openLine(target: number): Promise<BadLine> {
  const lines = new Set<Line>()
  const listener = createServer((client) => accept(client)).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const bad: BadLine = {
    port: (listener.address() as AddressInfo).port,
    mood: 'pass',
    delay: 0,
    cut: () => {
      for (const { client, server } of lines) for (const socket of [client, server]) socket.destroy()
    },
    halfClose: () => {
      for (const { server } of lines) server.end()
    },
    async close() {
      bad.cut()
      listener.close()
      await once(listener, 'close')
    },
  }
  function accept(client: Socket): void {
    if (bad.mood === 'refuse') return void client.destroy()
    const line = { client, server: connect(target, '127.0.0.1') }
    lines.add(line)
    join(line.client, line.server, bad)
    join(line.server, line.client, bad)
    client.on('close', () => lines.delete(line))
  }
  return bad
}

/** What was swallowed never comes, as on a line that lost its packets for good. */
function join(from: Socket, to: Socket, bad: BadLine): void {
  from.setNoDelay()
  from.on('data', (piece) => {
    if (bad.mood === 'swallow') return
    // Once one was held back, the later ones wait behind it.
    if (bad.delay === 0 && !held.has(from)) to.write(piece)
    else hold(from, () => void to.write(piece), bad.delay)
  })
  from.on('error', () => to.destroy())
  from.on('close', () => to.destroy())
  from.on('end', () => to.end())
}

/** One after the other: pieces that are held back do not overtake one another. */
function hold(from: Socket, go: () => void, delay: number): void {
  const before = held.get(from) ?? Promise.resolve()
  const due = Date.now() + delay
  const mine = before.then(() => new Promise<void>((resolve) => setTimeout(resolve, Math.max(0, due - Date.now()))))
  held.set(from, mine.then(go))
}

const held = new WeakMap<Socket, Promise<void>>()
