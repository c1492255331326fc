/**
 * A server that belongs to the bench: in a folder of its own, on a free port of the loopback, gone when the bench is.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Server<Address> {
  readonly address: Address
  close(): Promise<void>
}

export interface Place {
  readonly folder: string
  readonly port: number
  readonly password: string
  /** Whose processes these are: root lends them to the service's own user. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined
}

export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  /** What it reads first. */
  readonly input?: string
}

/**
 * @param user who it runs as if we are root.
 * @param prepare what must be there before; answers how to start it.
 * @param check throws unless whoever answers is the one that was started.
 * @throws Error if it does not start
 */
export async function start(
  user: string,
  prepare: (place: Place) => Launch,
  check: (place: Place, pid: number) => Promise<void>,
): Promise<Place & { close(): Promise<void> }> {
  const place = await newPlace(user)
  const removed = () => rmSync(place.folder, { recursive: true, force: true })
  try {
    const running = launch(prepare(place), place)
    const close = async () => {
      await stop(running.process)
      removed()
    }
    await answering(running, () => check(place, running.process.pid ?? 0)).catch(async (error: unknown) => {
      await close()
      throw error
    })
    return { ...place, close }
  } catch (error) {
    removed()
    throw error
  }
}

async function newPlace(user: string): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-server-'))
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u', user), gid: idOf('-g', user) } : undefined
  if (owner) chownSync(folder, owner.uid, owner.gid)
  return { folder, port: await freePort(), password: randomBytes(16).toString('hex'), user: owner }
}

const idOf = (which: string, user: string): number =>
  Number(execFileSync('id', [which, user], { stdio: ['ignore', 'pipe', 'ignore'] }))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface Running {
  readonly process: ChildProcess
  /** The end of what it said. */
  said(): string
}

/** What is running, and its folder: neither outlives the bench, however that ends. */
const alive = new Map<ChildProcess, string>()
process.on('exit', () => {
  for (const [child, folder] of alive) {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})

function launch({ command, args, input }: Launch, { folder, user }: Place): Running {
  // A group of its own: Ctrl-C is for us to hear, who end it in order.
  const child = spawn(command, args, { cwd: folder, ...user, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  let said = ''
  const hear = (text: Buffer) => {
    said = (said + text).slice(-2_000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.on('error', (error) => hear(Buffer.from(error.message)))
  child.on('exit', () => alive.delete(child))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  alive.set(child, folder)
  return { process: child, said: () => said }
}

async function answering({ process, said }: Running, check: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    if (process.exitCode !== null || process.pid === undefined) throw new Error(`It did not start: ${said()}`)
    try {
      return await check()
    } catch (error) {
      if (attempt === 100) throw new Error(`It does not answer: ${said()}`, { cause: error })
      await sleep(100)
    }
  }
}

/** In order; by force if that takes too long. */
async function stop(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null || process.pid === undefined) return
  const ended = once(process, 'exit')
  process.kill('SIGINT')
  const timer = setTimeout(() => process.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}
