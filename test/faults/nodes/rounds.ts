/**
 * Three nodes on one PostgreSQL, publishers and a reader who go from one to the other, and a fault each round.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { subscribe } from '../client.js'
import { pause, randomFrom, until } from '../random.js'
import { openReceiver, type Receiver } from '../receiver.js'
import { type Line, LogReader, Publishers } from './clients.js'
import { FAULTS, type FaultName, healed, SERVER_CLOCK } from './faults.js'
import { type Ground, openGround } from './ground.js'
import { judge, misreadIn, openIn, type Path, stolenIn, stuckIn, twoHeads, type Verdict, watch } from './oracle.js'
import { wrongClock } from './wrong-clock.js'

/** `/flaky` refuses one delivery in ten. */
const PATHS = { '/steady': 'strict', '/flaky': 'strict', '/free': 'none' } as const

/** Two of them race for one subject. */
const LINES: readonly Line[] = [
  ...Array.from({ length: 6 }, (_, number) => ({ name: `s${number}`, subject: `s${number}` })),
  { name: 'ra', subject: 'race' },
  { name: 'rb', subject: 'race' },
]

/** Milliseconds: a machine that is busy is slow, and loses nothing. What is late is told in the report, which must be reached. */
const PATIENCE = 120_000

/** Rounds after which a run says how far it is. */
const TOLD = 10

export interface Report {
  readonly seed: number
  readonly rounds: Readonly<Partial<Record<FaultName, number>>>
  readonly promised: number
  readonly received: number
  /** Leases that were lost. */
  readonly rescued: number
  /** Longest wait, in milliseconds, until every node accepted again. */
  readonly healing: number
  readonly strange: readonly string[]
  readonly twoHeads: readonly string[]
  readonly stolen: readonly string[]
  readonly misread: readonly string[]
  /** Tasks that were not done in the end. */
  readonly open: number
  readonly paths: Readonly<Record<string, Verdict>>
}

export interface RoundsOptions {
  readonly faults: readonly FaultName[]
  /** Of each. */
  readonly rounds: number
  readonly seed: number
  /** Control: done to the database before anything is published. */
  readonly sabotage?: (client: Client) => Promise<unknown>
}

export async function faultRounds(options: RoundsOptions): Promise<Report> {
  const moods = randomFrom(options.seed + 1)
  const receiver = await openReceiver((path) => ({
    status: path === '/flaky' && options.sabotage === undefined && moods() < 0.1 ? 500 : 204,
    delay: Math.floor(moods() * 20),
  }))
  const ground = await openGround({ nodes: 3, ...(options.faults.includes(SERVER_CLOCK) && { env: wrongClock }) })
  try {
    return await new FaultRun(ground, receiver, options).run()
  } finally {
    await ground.close()
    await receiver.close()
  }
}

class FaultRun {
  readonly #ground: Ground
  readonly #receiver: Receiver
  readonly #options: RoundsOptions
  readonly #random: () => number
  readonly #publishers: Publishers
  readonly #heads: string[] = []
  readonly #paths: Path[] = []
  readonly #begun = Date.now()
  #come = 0
  #healing = 0

  constructor(ground: Ground, receiver: Receiver, options: RoundsOptions) {
    this.#ground = ground
    this.#receiver = receiver
    this.#options = options
    this.#random = randomFrom(options.seed)
    this.#publishers = new Publishers(ground.nodes, this.#random)
  }

  async run(): Promise<Report> {
    await this.#prepare()
    const reader = new LogReader(this.#ground.nodes, this.#ground.key)
    const watching = new AbortController()
    const watched = this.#watchHeads(watching.signal)
    const order = this.#order()
    for (const [index, fault] of order.entries()) {
      await this.#round(fault)
      if ((index + 1) % TOLD === 0) this.#tell(index + 1, order.length)
    }
    watching.abort()
    await watched
    return this.#report(reader)
  }

  /** A long run is heard of before it ends, or fails. */
  #tell(done: number, all: number): void {
    const seconds = Math.round((Date.now() - this.#begun) / 1_000)
    const [promised, received] = [this.#publishers.promised.length, this.#receiver.ledger.length]
    const figures = { done, of: all, seconds, promised, received, healing: this.#healing, twoHeads: this.#heads.length }
    process.stdout.write(`${JSON.stringify(figures)}\n`)
  }

  async #prepare(): Promise<void> {
    const client = await this.#ground.connect()
    await watch(client)
    await this.#options.sabotage?.(client)
    await client.end()
    const retry = { attempts: 100, firstDelay: 10, maxDelay: 50 }
    const api = this.#ground.nodes[0]?.api()
    if (api === undefined) throw new TypeError('There is no node.')
    for (const [path, order] of Object.entries(PATHS)) {
      const subscription = await subscribe(api, this.#receiver.url + path, { order, retry })
      this.#paths.push({ path, subscription, ordered: order === 'strict' })
    }
  }

  /** Each fault as often, mixed. */
  #order(): readonly FaultName[] {
    const all = this.#options.faults.flatMap((fault) => Array.from({ length: this.#options.rounds }, () => fault))
    return all
      .map((fault) => ({ fault, at: this.#random() }))
      .sort((one, other) => one.at - other.at)
      .map(({ fault }) => fault)
  }

  async #round(fault: FaultName): Promise<void> {
    let going = true
    const publishing = this.#publishers.publish(LINES, () => going)
    await pause(this.#random() * 200)
    await FAULTS[fault](this.#ground, this.#random)
    const since = Date.now()
    await healed(this.#ground).catch((error: Error) => this.#fail(fault, error))
    this.#healing = Math.max(this.#healing, Date.now() - since)
    await pause(100 + this.#random() * 200)
    going = false
    await publishing
    await this.#drained(fault)
  }

  /** @throws when something promised does not come to one of the paths in time. */
  async #drained(fault: FaultName): Promise<void> {
    const { promised } = this.#publishers
    const missing = () =>
      promised.slice(this.#come).filter(({ id }) => Object.keys(PATHS).some((path) => !this.#receiver.took(path, id)))
    const told = 'all that was promised comes'
    const { sabotage } = this.#options
    // What was broken on purpose need not come, and need not be waited for.
    await until(told, () => missing().length === 0, sabotage ? 5_000 : PATIENCE).catch(async (error: Error) => {
      if (!sabotage) this.#fail(fault, error, [...missing().slice(0, 10), ...(await this.#stuck())])
    })
    this.#come = promised.length
  }

  async #stuck(): Promise<readonly unknown[]> {
    const client = await this.#ground.connect()
    return stuckIn(client).finally(() => client.end())
  }

  /** What a node wrote about the request of that answer. */
  #logged(answer: string): string {
    const id = /"requestId":"([^"]+)"/.exec(answer)?.[1] ?? 'none'
    const lines = this.#ground.nodes.flatMap(({ server }) => server.heard().out.split('\n'))
    return lines.find((line) => line.includes(id)) ?? ''
  }

  /** With what nodes said last. */
  #fail(fault: FaultName, error: Error, missing: readonly unknown[] = []): never {
    const said = this.#ground.nodes.map(
      ({ name, server }) => `${name}: ${server.heard().out.slice(-1_500)}${server.heard().err.slice(-1_500)}`,
    )
    const about = `seed ${this.#options.seed}, after ${fault}: ${error.message} ${JSON.stringify(missing)}`
    throw new Error([about, ...said].join('\n'), { cause: error })
  }

  async #watchHeads(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const client = await this.#ground.connect().catch(() => null)
      try {
        while (client && !signal.aborted) {
          this.#heads.push(...(await twoHeads(client)))
          await sleep(25)
        }
      } catch {
        // The server was stopped.
      } finally {
        client?.end().catch(() => undefined)
      }
      await sleep(100)
    }
  }

  async #report(reader: LogReader): Promise<Report> {
    const client = await this.#ground.connect()
    const { promised } = this.#publishers
    const strange = this.#publishers.strange.map((answer) => `${answer} ${this.#logged(answer)}`)
    await until('every task is done', async () => (await openIn(client)) === 0).catch(() => undefined)
    await until('the reader has read it all', async () => (await misreadIn(client, reader.read)).length === 0).catch(
      () => undefined,
    )
    await reader.stop()
    const paths: (readonly [string, Verdict])[] = []
    for (const path of this.#paths) paths.push([path.path, await judge(client, path, promised, this.#receiver.ledger)])
    const report = {
      ...{ seed: this.#options.seed, promised: promised.length, received: this.#receiver.ledger.length, strange },
      rounds: Object.fromEntries(this.#options.faults.map((fault) => [fault, this.#options.rounds])),
      healing: this.#healing,
      rescued: await rescuedIn(client),
      twoHeads: [...new Set(this.#heads)],
      stolen: await stolenIn(client),
      misread: (await misreadIn(client, reader.read)).slice(0, 20),
      open: await openIn(client),
      paths: Object.fromEntries(paths),
    }
    await client.end()
    return report
  }
}

const RESCUED = `SELECT ((SELECT count(*) FROM watched.leases) - (SELECT count(*) FROM watched.attempts))::int AS rescued`

const rescuedIn = async (client: Client): Promise<number> =>
  (await client.query<{ rescued: number }>(RESCUED)).rows[0]?.rescued ?? 0
