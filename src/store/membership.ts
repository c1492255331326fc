/**
 * This process among the nodes of its store: it is heard of, and hears who else there is.
 */
import { type Principal, requireScope } from '../access/principal.js'
import type { Clock } from './clock.js'
import type { Cluster } from './cluster.js'
import type { NodeRow } from './rows.js'

/** A node as operators see it. Times in RFC 3339. */
export interface NodeView {
  readonly id: string
  /** `lost`: not heard of for fifteen seconds; its leases run out and others take over. */
  readonly state: 'ready' | 'draining' | 'lost'
  readonly version: string
  readonly host: string
  readonly pid: number
  readonly startedAt: string
  readonly heardAt: string
  /** Attempts under way when it was heard of. */
  readonly running: number
  /** The processors it has registered. */
  readonly processors: readonly string[]
}

export interface MembershipDependencies {
  readonly cluster: Cluster
  readonly clock: Pick<Clock, 'follow' | 'now'>
  readonly self: Pick<NodeRow, 'id' | 'version' | 'host' | 'pid'>
  /** Attempts under way. */
  running(): number
  /** Names of the processors that are registered here. */
  processors(): readonly string[]
  /** Told after each beat: what was not heard of is seen now. */
  beaten(): void
  /** A node that was alive is so no more. */
  gone(): void
  failed(error: unknown): void
}

/** Milliseconds between beats, after which a node is lost, and after which it is forgotten. */
const BEAT = 5_000
const LOST = 3 * BEAT
const FORGOTTEN = 3_600_000

export class Membership {
  readonly #dependencies: MembershipDependencies
  readonly #startedAt: number
  #state: NodeRow['state'] = 'ready'
  /** The others that are alive, and the processors they have. */
  #others: ReadonlySet<string> = new Set()
  #theirs: readonly string[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(dependencies: MembershipDependencies) {
    this.#dependencies = dependencies
    this.#startedAt = dependencies.clock.now()
  }

  /** @throws Unavailable when the store cannot be reached */
  async start(): Promise<void> {
    await this.#beat()
    this.#timer = setInterval(() => void this.#beat().catch(this.#dependencies.failed), BEAT)
    this.#timer.unref()
  }

  /** All nodes, by id; those long lost are forgotten. @throws AccessDenied unless the caller is an operator */
  async list(caller: Principal): Promise<readonly NodeView[]> {
    requireScope(caller, 'metrics:read')
    await this.#beat()
    const now = this.#dependencies.clock.now()
    return (await this.#dependencies.cluster.nodes()).map((row) => viewOf(row, now))
  }

  /** Nodes by state. */
  async counts(): Promise<Readonly<Record<NodeView['state'], number>>> {
    const counts = { ready: 0, draining: 0, lost: 0 }
    const now = this.#dependencies.clock.now()
    for (const row of await this.#dependencies.cluster.nodes()) counts[stateOf(row, now)] += 1
    return counts
  }

  /** Names of the processors that other living nodes have. */
  get foreignProcessors(): readonly string[] {
    return this.#theirs
  }

  /** What others must know of this node has changed. */
  changed(): void {
    if (this.#timer) void this.#beat().catch(this.#dependencies.failed)
  }

  /** Takes no more. */
  async drain(): Promise<void> {
    this.#state = 'draining'
    await this.#beat().catch(this.#dependencies.failed)
  }

  async leave(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    const { cluster, self, failed } = this.#dependencies
    // Who cannot say goodbye is lost in a while.
    await cluster.leave(self.id).catch(failed)
  }

  async #beat(): Promise<void> {
    const { cluster, clock, self, running, processors } = this.#dependencies
    const row = {
      ...self,
      startedAt: this.#startedAt,
      running: running(),
      state: this.#state,
      processors: JSON.stringify([...processors()].sort()),
    }
    await clock.follow(() => cluster.beat(row, clock.now()))
    this.#meet(await cluster.nodes())
    await cluster.forget(clock.now() - FORGOTTEN)
  }

  #meet(rows: readonly NodeRow[]): void {
    const { clock, self, beaten, gone } = this.#dependencies
    const others = rows.filter((row) => row.id !== self.id && stateOf(row, clock.now()) !== 'lost')
    const before = this.#others
    this.#others = new Set(others.map(({ id }) => id))
    this.#theirs = [...new Set(others.flatMap(({ processors }) => namesIn(processors)))]
    if ([...before].some((id) => !this.#others.has(id))) gone()
    beaten()
  }
}

const namesIn = (processors: string): readonly string[] => JSON.parse(processors) as readonly string[]

const stateOf = ({ state, beatAt }: NodeRow, now: number): NodeView['state'] => (now - beatAt > LOST ? 'lost' : state)

const viewOf = (row: NodeRow, now: number): NodeView => ({
  id: row.id,
  state: stateOf(row, now),
  version: row.version,
  host: row.host,
  pid: row.pid,
  startedAt: new Date(row.startedAt).toISOString(),
  heardAt: new Date(row.beatAt).toISOString(),
  running: row.running,
  processors: namesIn(row.processors),
})
