/**
 * A life of a store, step by step beside the model. Steps are plain values, so that a life can be printed and shrunk.
 */
import fc from 'fast-check'
import type {
  Candidate,
  EventRow,
  LeasedTask,
  NewEvent,
  Priority,
  Settlement,
  Store,
  TaskRow,
} from '../../src/index.js'
import { better, type Entry, isFinished, nameOf, QueueModel } from './queue-model.js'

export const T = 't'
const PRIORITIES: readonly Priority[] = ['normal', 'high', 'immediate']
/** `locks`: of one life, no two at once for the same owner or super owner. `orders`: one at a time in sequence. */
const LANES: Readonly<Record<string, { orders: boolean; locks: boolean; likeness: boolean }>> = {
  'local.processors': { orders: true, locks: true, likeness: true },
  'local.witnesses': { orders: false, locks: true, likeness: false },
  strict: { orders: true, locks: false, likeness: false },
  free: { orders: false, locks: false, likeness: true },
}

/** A store that a life can be led over. */
export interface Ground {
  open(): Promise<Store>
  /** Null where nothing outlives its process. The store as another process finds it after this one was killed. */
  crash: ((store: Store) => Promise<Store>) | null
  /** After a proper end. */
  restart: ((store: Store) => Promise<Store>) | null
}

type Publish = {
  do: 'publish'
  owner: number
  superOwner: number | null
  priority: number
  /** What the processors vote: it only raises. */
  vote: number
  /** Milliseconds from now, or nothing. */
  date: number | null
  alike: number | null
  child: boolean
  lanes: readonly string[]
  inPlace: boolean
}

export type Step =
  | Publish
  | { do: 'lease'; limit: number }
  | { do: 'settle'; which: number; how: 'done' | 'refused' | 'again' | 'release'; delay: number; next: boolean }
  | { do: 'heartbeat' | 'cancel' | 'retry' | 'remove' | 'gone'; which: number }
  | { do: 'reprioritise'; which: number; priority: number }
  | { do: 'wait'; milliseconds: number }
  | { do: 'stop' | 'continue' | 'crash' | 'restart' }

const small = (most: number) => fc.nat({ max: most })
/** Nothing, or that many times in ten the value. */
const sometimes = <Value>(inTen: number, value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight: 10 - inTen, arbitrary: fc.constant(null) }, { weight: inTen, arbitrary: value })
const priority = fc.constantFrom(0, 0, 0, 1, 2)

const publishing: fc.Arbitrary<Publish> = fc.record({
  do: fc.constant('publish'),
  owner: small(3),
  superOwner: sometimes(5, small(2)),
  priority,
  vote: priority,
  date: sometimes(2, small(400)),
  alike: sometimes(5, small(2)),
  child: fc.constantFrom(false, false, false, true),
  lanes: fc.subarray(Object.keys(LANES), { minLength: 1 }),
  inPlace: fc.boolean(),
})

/** Numbers name something of what there is: modulo. */
const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 10, arbitrary: publishing },
  { weight: 7, arbitrary: fc.record({ do: fc.constant('lease'), limit: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('settle'),
      which: small(9),
      how: fc.constantFrom('done', 'done', 'refused', 'again', 'release'),
      delay: small(150),
      next: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('heartbeat', 'cancel', 'retry', 'remove', 'gone'),
      which: small(30),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('reprioritise'), which: small(30), priority: small(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('wait'), milliseconds: small(200) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('stop', 'continue', 'crash', 'restart') }) },
) as fc.Arbitrary<Step>

export const lives = (longest: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(aStep, { minLength: 1, maxLength: longest, size: 'max' })

/** Free places, one lease after the other. */
export const rooms = fc.array(fc.integer({ min: 1, max: 17 }), { minLength: 1, maxLength: 12 })

/** Leads the whole life, then works off all that is left. @throws at the first thing the model does not allow. */
export async function live(ground: Ground, steps: readonly Step[]): Promise<void> {
  const life = new Life(ground, await subscribed(await ground.open()))
  try {
    for (const [index, step] of steps.entries()) await told(index, step, () => life.step(step))
    await told(steps.length, 'the end', () => life.workOff())
  } finally {
    await life.store.close()
  }
}

/** Lanes that are not the hub's own belong to subscriptions. */
async function subscribed(store: Store): Promise<Store> {
  for (const id of Object.keys(LANES).filter((lane) => !lane.startsWith('local.'))) {
    const row = { tenant: T, id, name: id, state: 'active', reason: null, spec: '{"transport":"log"}', secrets: null }
    const rest = { owner: 'k', revision: 1, startSequence: 0, cursor: null, createdAt: 0, updatedAt: 0 }
    await store.subscriptions.create({ ...row, state: 'active', ...rest })
  }
  return store
}

/**
 * Rooms of any size, one after the other, while more HIGH and NORMAL wait than they hold: of all that was handed out
 * seven in ten were HIGH, within one, at every moment. @throws when they were not
 */
export async function share(ground: Ground, rooms: readonly number[]): Promise<void> {
  const life = new Life(ground, await subscribed(await ground.open()))
  const all = rooms.reduce((sum, room) => sum + room, 0)
  try {
    await life.fill(all)
    let [high, total] = [0, 0]
    for (const room of rooms) {
      const priorities = await life.take(room)
      high += priorities.filter((priority) => priority === 'high').length
      total += priorities.length
      if (priorities.length !== room) throw new Error(`Of a room of ${room}, ${priorities.length} were filled.`)
      if (Math.abs(high - total * 0.7) > 1) throw new Error(`${high} of ${total} were HIGH after rooms of ${rooms}.`)
    }
  } finally {
    await life.store.close()
  }
}

async function told(index: number, step: Step | string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw new Error(`Step ${index}, ${JSON.stringify(step)}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    })
  }
}

class Life {
  store: Store
  readonly #ground: Ground
  readonly #model = new QueueModel()
  /** As they were leased, most of them long over: an answer may come late. */
  #leased: TaskRow[] = []
  #events: string[] = []
  #stopped = false

  constructor(ground: Ground, store: Store) {
    this.#ground = ground
    this.store = store
  }

  async step(step: Step): Promise<void> {
    // No two steps at the same time, as no two calls of a process are.
    this.#model.now += 1
    await this.#perform(step)
    await this.#compare()
  }

  #perform(step: Step): Promise<void> | void {
    const model = this.#model
    const entry = 'which' in step ? model.entries[step.which % Math.max(1, model.entries.length)] : undefined
    switch (step.do) {
      case 'publish':
        return this.#publish(step)
      case 'lease':
        return this.#lease(step.limit)
      case 'settle':
        return this.#settle(step)
      case 'heartbeat':
        return this.#heartbeat(step.which)
      case 'wait':
        model.now += step.milliseconds
        return
      case 'stop':
      case 'continue':
        this.#stopped = step.do === 'stop'
        return
      case 'crash':
      case 'restart':
        return this.#beginAgain(this.#ground[step.do])
      case 'gone':
        return this.#gone(step.which)
      default:
        return entry && this.#meddle(step, entry)
    }
  }

  // ------------------------------------------------------------------------------------------ publishing

  async #publish(step: Publish): Promise<void> {
    const event = this.#event(step)
    const candidates = step.lanes.map((lane) => this.#candidate(lane, step))
    const grant = step.inPlace ? this.#grant() : null
    const admission = {
      tenant: T,
      events: [{ event, candidates, results: [] }],
      change: null,
      subscriptionVersion: null,
    }
    const [answer] = await this.store.admit([admission], grant)
    if (answer?.status !== 'admitted') throw new Error(`It was not admitted: ${answer?.status}.`)
    const [receipt] = answer.events
    if (!receipt) throw new Error('There is no receipt.')
    const row: EventRow = { ...event, sequence: receipt.sequence, operation: receipt.sequence }
    const born = this.#model.publish(row, candidates, grant?.until ?? null)
    same('tasks', receipt.tasks, step.lanes)
    same('born leased', receipt.leased.map(({ task }) => task.subscription).sort(), [...born].sort())
    this.#leased.push(...receipt.leased.map(({ task }) => task))
  }

  #event({ owner, superOwner, priority, date, child }: Publish): NewEvent {
    const id = `e${this.#events.length}`
    const parentId = child ? (this.#events.at(-1) ?? null) : null
    this.#events.push(id)
    const subject = `owner-${owner}`
    return {
      ...{ tenant: T, source: '/model', id, type: 'user.updated', subject, partitionKey: subject },
      superOwner: superOwner === null ? null : `owner-${superOwner}`,
      ...{ transactionId: null, parentId, rootId: null, priority: PRIORITIES[priority] ?? 'normal' },
      receivedAt: this.#model.now,
      executeAt: date === null ? null : this.#model.now + date,
      ...{ expiresAt: null, state: 'admitted', processedOrder: null, hash: id, principal: 'k', body: '{}', deed: null },
    }
  }

  #candidate(lane: string, { owner, priority, vote, date, alike, inPlace }: Publish): Candidate {
    const { orders, locks, likeness } = LANES[lane] ?? { orders: false, locks: false, likeness: false }
    // Who publishes waits for its witnesses.
    const own = lane === 'local.witnesses' ? 'immediate' : (PRIORITIES[priority] ?? 'normal')
    const raised = lane === 'local.processors' ? better(own, PRIORITIES[vote] ?? 'normal') : own
    return {
      ...{ subscription: lane, order: orders ? 'strict' : 'none', priority: raised },
      // IMMEDIATE does not wait for its date.
      wakeAt: date === null || raised === 'immediate' ? null : this.#model.now + date,
      ...{ expiresAt: null, scope: 'tenant', lease: inPlace, locks, under: null },
      likeness: likeness && alike !== null ? `like-${owner}-${alike}` : null,
    }
  }

  // ------------------------------------------------------------------------------------------ working

  #grant() {
    return { node: 'n1', now: this.#model.now, until: this.#model.now + 120 }
  }

  /** As the worker does it: it asks again as long as it is given something and has room. */
  async #lease(limit: number): Promise<void> {
    let room = limit
    let given = 0
    do {
      given = await this.#leaseOnce(room)
      room -= given
    } while (given > 0 && room > 0)
  }

  async #leaseOnce(limit: number): Promise<number> {
    const model = this.#model
    const closed = this.#stopped ? ['local.processors'] : []
    const grant = this.#grant()
    const asked = { ...grant, limit, perLane: limit, lanes: [], only: null, closed }
    const { leased, nextWakeAt } = await this.store.tasks.lease(asked)
    model.beginLease()
    if (leased.length > limit) throw new Error(`${leased.length} were handed out of at most ${limit}.`)
    const taken = leased.map((one) => model.lease(one, grant.until))
    for (const { task } of leased) if (closed.includes(task.subscription)) throw new Error('Processing is stopped.')
    this.#leased.push(...leased.map(({ task }) => task))
    const open = model.entries.filter((entry) => model.mayBeLeased(entry))
    // A free lock is for the first who waits for it; while that one's lane is closed, others wait with it.
    const halted = model.entries.filter(({ lane, state }) => closed.includes(lane) && state === 'queued')
    const left = open.filter(
      (entry) => !closed.includes(entry.lane) && !halted.some((other) => sharesLock(entry, other)),
    )
    const isOver = leased.length === 0 && (nextWakeAt === null || nextWakeAt > model.now)
    if (isOver && left.length > 0) throw new Error(`${left.map(entryName).join()} could have been handed out.`)
    // Who has to share a lock may have waited for it when these were chosen.
    const others = (entry: Entry) => model.entries.filter((other) => other !== entry && !isFinished(other))
    this.#checkOrder(
      taken,
      left.filter((entry) => !others(entry).some((other) => sharesLock(entry, other))),
    )
    return leased.length
  }

  /** What is left of a lane comes after what was handed out, among those of the same kind (NORMAL, or above). */
  #checkOrder(taken: readonly Entry[], left: readonly Entry[]): void {
    const model = this.#model
    for (const one of left) {
      const rank = model.rank(one)
      for (const other of taken) {
        const theirs = model.rank(other)
        if (other.lane !== one.lane || theirs < 2 !== rank < 2) continue
        if (rank < theirs || (rank === theirs && one.sequence < other.sequence))
          throw new Error(`${entryName(other)} was handed out before ${entryName(one)}.`)
      }
    }
  }

  async #settle({ which, how, delay, next }: Extract<Step, { do: 'settle' }>): Promise<void> {
    const task = this.#recent(which)
    if (!task) return
    await this.#settleOne(task, nextOf(how, this.#model.now + delay), next)
  }

  async #settleOne(task: TaskRow, next: Settlement['next'], leaseNext: boolean): Promise<void> {
    const { now } = this.#model
    const { tenant, sequence, subscription, token } = task
    const grant = leaseNext ? this.#grant() : null
    const settlement = { tenant, sequence, subscription, token, now, next, attempt: null, results: [], leaseNext }
    const [answer] = await this.store.tasks.settle([settlement], grant)
    same('settled', answer?.status, this.#model.settle(task, { token, next: settlingOf(next) }))
    for (const leased of answer?.leased ?? []) this.#handedOver(task, leased)
  }

  /** The next of the group may come leased with the settlement; it need not. */
  #handedOver(task: TaskRow, leased: LeasedTask): void {
    const entry = this.#model.lease(leased, this.#grant().until)
    same('the lane handed over', entry.lane, task.subscription)
    this.#leased.push(leased.task)
  }

  /** One of the last ten that were leased. */
  #recent(which: number): TaskRow | undefined {
    return this.#leased.at(-1 - (which % Math.max(1, Math.min(10, this.#leased.length))))
  }

  async #heartbeat(which: number): Promise<void> {
    const task = this.#recent(which)
    if (!task) return
    const { until } = this.#grant()
    const lost = await this.store.tasks.heartbeat([task], until)
    same('heartbeat', lost.length === 0, this.#model.heartbeat(task, task.token, until))
  }

  /** As many HIGH as NORMAL, each of an owner of its own. */
  async fill(each: number): Promise<void> {
    const admissions = Array.from({ length: 2 * each }, (_, index) => {
      const priority = index % 2
      const event = { ...this.#event({ ...NOTHING, priority }), subject: `s${index}`, partitionKey: `s${index}` }
      const candidates = [this.#candidate('local.processors', { ...NOTHING, priority })]
      return { tenant: T, events: [{ event, candidates, results: [] }], change: null, subscriptionVersion: null }
    })
    await this.store.admit(admissions, null)
  }

  /** Answers what was handed out. */
  async take(limit: number): Promise<readonly Priority[]> {
    const asked = { ...this.#grant(), limit, perLane: limit, lanes: [], only: null, closed: [] }
    const { leased } = await this.store.tasks.lease(asked)
    return leased.map(({ task }) => task.priority)
  }

  // ------------------------------------------------------------------------------------------ people

  async #meddle(step: Step, entry: Entry): Promise<void> {
    const { now } = this.#model
    const key = { tenant: T, sequence: entry.sequence, subscription: entry.lane }
    const { tasks } = this.store
    if (step.do === 'cancel') {
      same('cancelled', await tasks.cancel(key, now, 'unwanted', 'By hand.'), this.#model.cancel(entry))
    } else if (step.do === 'retry') {
      same('retried', await tasks.retry(key, now), this.#model.retry(entry))
    } else if (step.do === 'reprioritise') {
      const priority = PRIORITIES[step.priority] ?? 'normal'
      same('reprioritised', await tasks.reprioritise(key, priority), this.#model.reprioritise(entry, priority))
    } else if (step.do === 'remove') {
      const { removed, aborted } = await tasks.remove([key])
      const sequences = aborted.map(({ sequence }) => sequence).sort()
      const expected = this.#model.remove(entry)
      same('removed', { removed, sequences }, { removed: expected.removed, sequences: [...expected.aborted].sort() })
    }
  }

  /** The resource is made known, then removed: what was published before is about nothing any more. */
  async #gone(which: number): Promise<void> {
    const subject = `owner-${which % 4}`
    const put = { do: 'put', id: subject, type: 'person', owner: null, status: null, properties: '{}' } as const
    for (const step of [put, { do: 'remove', id: subject } as const]) {
      const id = `deed-${this.#events.length}`
      this.#events.push(id)
      const event = { ...this.#event(NOTHING), id, hash: id, subject: null, partitionKey: id, parentId: null }
      const change = { expect: [], steps: [step] }
      const events = [{ event, candidates: [], results: [] }]
      const [answer] = await this.store.admit([{ tenant: T, events, change, subscriptionVersion: null }], null)
      if (answer?.status !== 'admitted') throw new Error(`The deed was not admitted: ${answer?.status}.`)
      if (step.do === 'remove') this.#model.removeSubject(subject, answer.events[0]?.sequence ?? 0)
    }
  }

  // ------------------------------------------------------------------------------------------ other lives

  async #beginAgain(again: ((store: Store) => Promise<Store>) | null): Promise<void> {
    if (!again) return
    this.store = await again(this.store)
    await this.store.tasks.takeOver(this.#model.now)
    this.#model.takeOver()
  }

  /** Whatever is left can be done: nothing is lost, and nothing waits for ever. */
  async workOff(): Promise<void> {
    this.#stopped = false
    for (let round = 0; round < 200 && !this.#model.entries.every(isFinished); round++) {
      this.#model.now += 1_000
      const before = this.#leased.length
      await this.#lease(50)
      for (const task of this.#leased.slice(before)) await this.#settleOne(task, nextOf('done', 0), false)
      await this.#compare()
    }
    const left = this.#model.entries.filter((entry) => !isFinished(entry))
    if (left.length > 0) throw new Error(`${left.map(entryName).join()} never came to an end.`)
  }

  // ------------------------------------------------------------------------------------------ the comparison

  async #compare(): Promise<void> {
    const rows = await this.store.tasks.list({ tenant: T }, { after: null, limit: 1_001, order: 'oldest' })
    const entries = [...this.#model.entries].sort(
      (one, other) => one.sequence - other.sequence || (one.lane < other.lane ? -1 : 1),
    )
    same('tasks', rows.map(told_), entries.map(expected))
    for (const row of rows) {
      const finished = !['due', 'waiting', 'leased'].includes(row.state)
      if (finished !== (row.endedAt !== null)) throw new Error(`${nameOf(row)} is ${row.state}, ended ${row.endedAt}.`)
    }
  }
}

const NOTHING: Publish = {
  ...{ do: 'publish', owner: 0, superOwner: null, priority: 0, vote: 0, date: null, alike: null },
  ...{ child: false, lanes: [], inPlace: false },
}

const nextOf = (how: 'done' | 'refused' | 'again' | 'release', wakeAt: number): Settlement['next'] =>
  how === 'done' || how === 'refused'
    ? { state: how, code: null, message: null }
    : { state: 'waiting', wakeAt, failed: how === 'again', code: null, message: null }

const settlingOf = (next: Settlement['next']) => {
  if (next.state === 'waiting') return { state: next.state, wakeAt: next.wakeAt ?? 0, failed: next.failed }
  return next.state === 'done' ? { state: next.state } : { state: 'refused' as const }
}

const QUEUED = ['due', 'waiting']
const told_ = ({ sequence, subscription, state, priority, failures, token, code }: TaskRow) =>
  [
    nameOf({ sequence, subscription }),
    QUEUED.includes(state) ? 'queued' : state,
    priority,
    failures,
    token,
    code,
  ].join()

const expected = ({ sequence, lane, state, priority, failures, token, code }: Entry) =>
  [`${sequence}.${lane}`, state, priority, failures, token, code].join()

const sharesLock = (one: Entry, other: Entry): boolean => one.locks.some((lock) => other.locks.includes(lock))

const entryName = ({ sequence, lane }: Entry): string => `${sequence}.${lane}`

function same(what: string, actual: unknown, wanted: unknown): void {
  const [one, other] = [JSON.stringify(actual), JSON.stringify(wanted)]
  if (one === other) return
  if (!Array.isArray(actual) || !Array.isArray(wanted)) throw new Error(`${what}: ${one}, but the model says ${other}.`)
  const differing = actual.map((item, index) => [item, wanted[index]]).filter(([item, other_]) => item !== other_)
  throw new Error(`${what} (${actual.length} and ${wanted.length}): ${JSON.stringify(differing)}.`)
}
