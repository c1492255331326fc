/**
 * kill -9 of a server that is being published to and delivers, again and again over one database.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Api, apiOf, PublishingClient, subscribe } from './client.js'
import {
  type Instance,
  initInstance,
  makeFolder,
  removeFolder,
  type Server,
  serve,
  startServer,
  tocsin,
} from './instance.js'
import { compare, type Verdict } from './oracle.js'
import { pause, randomFrom, until } from './random.js'
import { openReceiver, type Receiver } from './receiver.js'

/** Attempts at once, so the most that one kill can leave unrecorded. */
export const WORKERS = 24
/** Milliseconds. */
const LATEST_KILL = 300
const SUBJECTS = 8

/** `/flaky` refuses one delivery in ten, so that retries are killed too. */
const PATHS = { '/steady': 'strict', '/flaky': 'strict', '/free': 'none' } as const
type Path = keyof typeof PATHS

export interface KillReport {
  readonly seed: number
  readonly kills: number
  readonly promised: number
  /** Kept by a killed server that could not say so any more. */
  readonly keptUntold: number
  readonly received: number
  readonly paths: Readonly<Record<Path, Verdict>>
  /** Of the last SIGTERM. */
  readonly exitCode: number | null
  /** What `tocsin backup` says of the file that was killed so often. */
  readonly checked: string
}

export interface KillOptions {
  readonly rounds: number
  readonly seed: number
  /** Control: a disk that forgets what it had not moved into the file. */
  readonly forgetful?: boolean
}

export async function killRounds(options: KillOptions): Promise<KillReport> {
  const moods = randomFrom(options.seed + 1)
  const folder = makeFolder()
  const receiver = await openReceiver((path) => ({
    status: path === '/flaky' && moods() < 0.1 ? 500 : 204,
    delay: Math.floor(moods() * 20),
  }))
  try {
    return await new KillRun(await initInstance(folder), receiver, options).run()
  } finally {
    await receiver.close()
    removeFolder(folder)
  }
}

class KillRun {
  readonly #instance: Instance
  readonly #receiver: Receiver
  readonly #options: KillOptions
  readonly #random: () => number
  readonly #client = new PublishingClient(SUBJECTS)
  /** So many of the promised are known to have come everywhere. */
  #come = 0

  constructor(instance: Instance, receiver: Receiver, options: KillOptions) {
    this.#instance = instance
    this.#receiver = receiver
    this.#options = options
    this.#random = randomFrom(options.seed)
  }

  async run(): Promise<KillReport> {
    await this.#subscribe()
    for (let round = 0; round < this.#options.rounds; round++) await this.#round()
    const server = await this.#serve()
    if (this.#options.forgetful) await pause(3_000)
    await this.#drained()
    const exitCode = await server.stop()
    const { out, err } = await tocsin(this.#instance.folder, 'backup', 'copy.db')
    return { ...this.#report(), exitCode, checked: out + err }
  }

  async #subscribe(): Promise<void> {
    const server = await this.#serve()
    const retry = { attempts: 100, firstDelay: 10, maxDelay: 50 }
    for (const [path, order] of Object.entries(PATHS))
      await subscribe(apiOf(server, this.#instance), this.#receiver.url + path, { order, retry })
    await server.stop()
  }

  /** One in ten while it starts, one in ten while it works off what the last life left, the others while publishing. */
  async #round(): Promise<void> {
    const place = this.#random()
    const delay = Math.floor(this.#random() * LATEST_KILL)
    if (place < 0.1) return this.#killStarting(delay)
    const server = await this.#serve()
    if (place < 0.2) await pause(delay)
    else {
      await this.#drained()
      await this.#publishUntilKilled(apiOf(server, this.#instance), server, delay)
    }
    await server.kill()
    if (this.#options.forgetful) this.#forget()
  }

  async #killStarting(delay: number): Promise<void> {
    await this.#receiver.nextLife()
    const server = startServer(this.#instance, SETTINGS)
    await pause(delay * 3)
    await server.kill()
  }

  async #publishUntilKilled(api: Api, server: Server, delay: number): Promise<void> {
    let alive = true
    const before = this.#client.promised.ids.length
    const publishing = this.#client.publish(api, () => alive)
    // A fresh process is slow to answer first: so some kills come before that, most after.
    if (this.#random() < 0.75) await until('the first answer', () => this.#client.promised.ids.length > before)
    await pause(delay)
    await server.kill()
    alive = false
    await publishing
  }

  async #serve(): Promise<Server> {
    await this.#receiver.nextLife()
    return serve(this.#instance, SETTINGS)
  }

  #forget(): void {
    for (const ending of ['-wal', '-shm']) rmSync(join(this.#instance.folder, `tocsin.db${ending}`), { force: true })
  }

  /** @throws when something promised does not come to one of the paths in time. */
  async #drained(): Promise<void> {
    if (this.#options.forgetful) return
    const { ids } = this.#client.promised
    const came = (id: string) => Object.keys(PATHS).every((path) => this.#receiver.took(path, id))
    const left = () => ids.slice(this.#come).filter((id) => !came(id))
    await until(`seed ${this.#options.seed}: all that was promised comes`, () => left().length === 0)
    this.#come = ids.length
  }

  #verdicts(): Record<Path, Verdict> {
    const { ids } = this.#client.promised
    const of = (path: Path) =>
      compare(
        ids,
        this.#receiver.ledger.filter((one) => one.path === path),
      )
    return { '/steady': of('/steady'), '/flaky': of('/flaky'), '/free': of('/free') }
  }

  #report() {
    const { ids, again } = this.#client.promised
    const { rounds: kills, seed } = this.#options
    const received = this.#receiver.ledger.length
    return { seed, kills, promised: ids.length, keptUntold: again, received, paths: this.#verdicts() }
  }
}

const SETTINGS = { set: { 'delivery.workers': WORKERS } }
