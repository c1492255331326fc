/**
 * A server that belongs to whoever starts it: in a folder of its own, on a free port of the loopback, gone when they are.
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
  /** Beside ours. */
  readonly env?: Readonly<Record<string, string>>
}

export interface OwnServer extends Place {
  /** Of the process that runs now. */
  pid(): number
  /** Answers when it has ended: by force, if the signal was not enough for ten seconds. */
  stop(signal: NodeJS.Signals): Promise<void>
  /** Once more in the same place, after `stop`. */
  start(): Promise<void>
  /** Ended in order, and the folder removed. */
  close(): Promise<void>
}

/**
 * @param user who it runs as if we are root.
 * @param prepare what must be there before; answers how to start it.
 * @param check throws unless whoever answers is the one that was started.
 * @param parent where its folder lies.
 * @throws Error if it does not start
 */
export async function start(
  user: string,
  prepare: (place: Place) => Launch,
  check: (place: Place, pid: number) => Promise<void>,
  parent = tmpdir(),
): Promise<OwnServer> {
  const place = await newPlace(user, parent)
  const guard = guardOf(place.folder)
  const removed = () => {
    rmSync(place.folder, { recursive: true, force: true })
    guard.end()
  }
  try {
    const launched = prepare(place)
    let running = launch(launched, place, guard.watch)
    const stop = (signal: NodeJS.Signals) => end(running.process, signal)
    const close = async () => {
      await stop('SIGINT')
      removed()
    }
    const answers = () => answering(running, () => check(place, running.process.pid ?? 0))
    const again = async (patience = 50): Promise<void> => {
      running = launch(launched, place, guard.watch)
      await answers().catch(async (error: Error) => {
        if (patience === 0 || !ORPHANED.test(error.message)) throw error
        await sleep(100)
        await again(patience - 1)
      })
    }
    await answers().catch(async (error: unknown) => {
      await close()
      throw error
    })
    return { ...place, pid: () => running.process.pid ?? 0, stop, start: () => again(), close }
  } catch (error) {
    removed()
    throw error
  }
}

/** PostgreSQL says so while those whose server was killed have not noticed yet. */
const ORPHANED = /pre-existing shared memory block .* is still in use/

async function newPlace(user: string, parent: string): Promise<Place> {
  const folder = mkdtempSync(join(parent, 'tocsin-server-'))
  const owner = process.getuid?.() === 0 ? ownerNamed(user) : undefined
  if (owner) chownSync(folder, owner.uid, owner.gid)
  return { folder, port: await freePort(), password: randomBytes(16).toString('hex'), user: owner }
}

/** A service that came without a package of the system has no user of its own. */
function ownerNamed(user: string): Place['user'] {
  try {
    return { uid: idOf('-u', user), gid: idOf('-g', user) }
  } catch {
    return { uid: idOf('-u', 'nobody'), gid: idOf('-g', 'nobody') }
  }
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

interface Guard {
  watch(server: ChildProcess, pid: number): void
  end(): void
}

/**
 * Its input ends with this process, however that comes; then the server it read of last and the folder go. Without a
 * server somebody may still be preparing the folder.
 */
const GUARD = `while read -r line; do pid="$line"; done
if [ -n "$pid" ]; then
  kill -QUIT "$pid"
  for second in 1 2 3 4 5; do kill -0 "$pid" || break; sleep 1; done
  kill -KILL "$pid"
else
  sleep 5
fi
rm -rf "$1"`

function guardOf(folder: string): Guard {
  const guard = spawn('sh', ['-c', GUARD, 'guard', folder], {
    cwd: tmpdir(),
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  const tell = (pid: number | '') => guard.stdin.write(`${pid}\n`)
  guard.stdin.on('error', () => undefined)
  return {
    watch: (server, pid) => {
      tell(pid)
      server.on('exit', () => tell(''))
    },
    end: () => guard.kill('SIGKILL'),
  }
}

interface Running {
  readonly process: ChildProcess
  /** The end of what it said. */
  said(): string
}

function launch({ command, args, input, env }: Launch, { folder, user }: Place, watch: Guard['watch']): Running {
  // A group of its own: Ctrl-C is for us to hear, who end it in order.
  const child = spawn(command, args, {
    ...{ cwd: folder, ...user, env: { ...process.env, ...env } },
    ...{ detached: true, stdio: ['pipe', 'pipe', 'pipe'] },
  })
  let said = ''
  const hear = (text: Buffer) => {
    said = (said + text).slice(-2_000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.on('error', (error) => hear(Buffer.from(error.message)))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  if (child.pid !== undefined) watch(child, child.pid)
  return { process: child, said: () => said }
}

async function answering({ process, said }: Running, check: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    if (process.exitCode !== null || process.pid === undefined) throw new Error(`It did not start: ${said()}`)
    try {
      return await check()
    } catch (error) {
      if (attempt === 200) throw new Error(`It does not answer: ${said()}`, { cause: error })
      await sleep(50)
    }
  }
}

async function end(process: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null || process.pid === undefined) return
  const ended = once(process, 'exit')
  process.kill(signal)
  const timer = setTimeout(() => process.kill('SIGKILL'), 10_000)
  await ended
  clearTimeout(timer)
}
