/**
 * What a transaction is about to write: kept by key, so that each row is written once, and sent table by table.
 */
import { childOf } from '../child-of.js'
import type { Lane, TaskKey } from '../port.js'
import type { AttemptRow, EventRow, ResultRow, SliceRow, TaskRow, TaskState } from '../rows.js'
import { ATTEMPT, EVENT, RESULT, SLICE, TASK } from '../sql/shapes.js'
import { RANKS } from '../task-rules.js'
import { brief } from './brief.js'
import type { Bulk, Tuple } from './tables.js'
import {
  ATTEMPTS,
  CHANGED_TASKS,
  COUNTS,
  ENDED_RESULTS,
  EVENTS,
  GONE_ATTEMPTS,
  GONE_GROUPS,
  GONE_TASKS,
  GROUPS,
  HEADS,
  KEYS,
  NEW_TASKS,
  RANKED_TASKS,
  REOPENED_TASKS,
  REPLACED_RESULTS,
  RESULTS,
  SLICES,
} from './tables.js'

export interface Group {
  readonly head: number
  readonly rank: number
  /** How many are leased as a run; while there are any, nobody leads, and `head` is who did. 0: only the head may be leased. */
  readonly run: number
}

export interface Head {
  readonly head: number
  readonly version: number
}

interface TaskChange {
  readonly task: TaskRow
  readonly rank: number
  /** When its event was received; null: it is not told, of one that is not new. */
  readonly receivedAt: number | null
  readonly stands: 'nowhere' | 'live' | 'ended'
}

/** Asked dozens of times for each event: `join` would cost five times as much. */
export function keyOf(...parts: readonly (string | number | null)[]): string {
  let key = String(parts[0] ?? '')
  for (let index = 1; index < parts.length; index++) key += `\u0001${parts[index] ?? ''}`
  return key
}

export const taskKey = ({ tenant, sequence, subscription }: TaskKey): string => keyOf(tenant, subscription, sequence)

export interface Batch {
  readonly bulk: Bulk
  readonly rows: readonly Tuple[]
}

export class Changes {
  #events: EventRow[] = []
  #keys: Tuple[] = []
  #slices: Tuple[] = []
  /** By processor of an event, then by number. */
  readonly #results = new Map<string, Map<number, ResultRow>>()
  readonly #replaced = new Map<string, Tuple>()
  readonly #ended = new Map<string, Tuple>()
  readonly #attempts = new Map<string, AttemptRow>()
  readonly #tasks = new Map<string, TaskChange>()
  readonly #ranks = new Map<string, Tuple>()
  readonly #goneTasks = new Map<string, Tuple>()
  readonly #groups = new Map<string, { readonly at: Tuple; readonly group: Group | null }>()
  readonly #heads = new Map<string, Head>()
  readonly #counts = new Map<string, Map<string, Map<TaskState, number>>>()
  readonly #slot: number

  constructor(slot: number) {
    this.#slot = slot
  }

  addEvent(row: EventRow): void {
    this.#events.push(row)
  }

  addKey(tenant: string, id: string, source: string, sequence: number): void {
    this.#keys.push([tenant, id, source, sequence])
  }

  addSlice(row: SliceRow): void {
    this.#slices.push([...SLICE.pack(row), brief(row.partitionKey)])
  }

  putResult(row: ResultRow): void {
    const results = childOf(this.#results, keyOf(row.tenant, row.sequence, row.processor), () => new Map())
    results.set(row.number, row)
  }

  replaceResults(rows: readonly [ResultRow, ...ResultRow[]]): void {
    const [{ tenant, sequence, processor, number }] = rows
    const key = keyOf(tenant, sequence, processor)
    this.#results.delete(key)
    this.#replaced.set(key, [tenant, sequence, processor, number])
    for (const row of rows) this.putResult(row)
  }

  endRunning(
    { tenant, sequence, code, message, endedAt }: Pick<TaskRow, 'tenant' | 'sequence' | 'code' | 'message' | 'endedAt'>,
    kind: ResultRow['kind'],
  ): void {
    this.#ended.set(keyOf(tenant, sequence, kind), [tenant, sequence, kind, code, message, endedAt])
  }

  putAttempt(row: AttemptRow): void {
    this.#attempts.set(keyOf(taskKey(row), row.number), row)
  }

  addTask(task: TaskRow, rank: number, receivedAt: number | null): void {
    this.#tasks.set(taskKey(task), { task, rank, receivedAt, stands: 'nowhere' })
    this.count(task, task.state, 1)
  }

  changeTask(before: TaskRow, task: TaskRow, rank: number): void {
    const key = taskKey(task)
    const { receivedAt = null, stands = before.endedAt === null ? 'live' : 'ended' } = this.#tasks.get(key) ?? {}
    this.#tasks.set(key, { task, rank, receivedAt, stands })
    if (before.state === task.state) return
    this.count(task, before.state, -1)
    this.count(task, task.state, 1)
  }

  rankTask({ tenant, sequence, subscription }: TaskKey, rank: number): void {
    this.#ranks.set(keyOf(tenant, sequence, subscription), [tenant, sequence, subscription, rank])
  }

  /** With its attempts. */
  dropTask(task: TaskRow): void {
    this.#tasks.delete(taskKey(task))
    this.#goneTasks.set(taskKey(task), [task.tenant, task.sequence, task.subscription])
    this.count(task, task.state, -1)
  }

  putGroup(tenant: string, subscription: string, key: string, group: Group | null): void {
    this.#groups.set(keyOf(tenant, subscription, key), { at: [tenant, subscription, key], group })
  }

  putHead(tenant: string, head: Head): void {
    this.#heads.set(tenant, head)
  }

  /** So many tasks of a lane are in that state more, or fewer. */
  count({ tenant, subscription }: Lane, state: TaskState, change: number): void {
    const lanes = childOf(this.#counts, tenant, () => new Map<string, Map<TaskState, number>>())
    const states = childOf(lanes, subscription, () => new Map<TaskState, number>())
    states.set(state, (states.get(state) ?? 0) + change)
  }

  /** What there is to write, and then there is nothing any more. Rows of others' tables come in the order of their keys. */
  take(): readonly Batch[] {
    const tasks = [...this.#tasks.values()]
    const standing = (where: TaskChange['stands']) => tasks.filter(({ stands }) => stands === where)
    const gone = [...this.#goneTasks.values()]
    const groups = [...this.#groups.values()]
    const batches: readonly Batch[] = [
      { bulk: GONE_TASKS, rows: gone },
      ...GONE_ATTEMPTS.map((bulk) => ({ bulk, rows: gone })),
      { bulk: EVENTS, rows: this.#events.map((row) => EVENT.pack(row)) },
      { bulk: KEYS, rows: this.#keys },
      { bulk: SLICES, rows: this.#slices },
      { bulk: REPLACED_RESULTS, rows: [...this.#replaced.values()] },
      { bulk: RESULTS, rows: this.#resultTuples() },
      { bulk: ENDED_RESULTS, rows: [...this.#ended.values()] },
      { bulk: NEW_TASKS, rows: standing('nowhere').map(newTuple) },
      { bulk: CHANGED_TASKS, rows: standing('live').map(changedTuple) },
      { bulk: REOPENED_TASKS, rows: standing('ended').map(changedTuple) },
      { bulk: RANKED_TASKS, rows: [...this.#ranks.values()] },
      { bulk: GONE_GROUPS, rows: groups.filter(({ group }) => group === null).map(({ at }) => at) },
      {
        bulk: GROUPS,
        rows: groups.flatMap(({ at, group }) => (group ? [[...at, group.head, group.rank, group.run]] : [])),
      },
      { bulk: ATTEMPTS, rows: [...this.#attempts.values()].map((row) => ATTEMPT.pack(row)) },
      { bulk: COUNTS, rows: this.#countTuples() },
      { bulk: HEADS, rows: [...this.#heads].map(([tenant, { head, version }]) => [tenant, head, version]) },
    ]
    this.#clear()
    return batches.filter(({ rows }) => rows.length > 0)
  }

  #resultTuples(): readonly Tuple[] {
    return [...this.#results.values()].flatMap((results) => [...results.values()].map((row) => RESULT.pack(row)))
  }

  #countTuples(): readonly Tuple[] {
    const tuples = [...this.#counts].flatMap(([tenant, lanes]) =>
      [...lanes].flatMap(([subscription, states]) =>
        [...states].flatMap(([state, change]) =>
          change === 0 ? [] : [[tenant, subscription, state, this.#slot, change]],
        ),
      ),
    )
    return tuples.length < 2 ? tuples : tuples.sort((a, b) => (keyOf(...a) < keyOf(...b) ? -1 : 1))
  }

  #clear(): void {
    this.#events = []
    this.#keys = []
    this.#slices = []
    for (const map of [this.#results, this.#replaced, this.#ended, this.#attempts, this.#tasks, this.#goneTasks])
      map.clear()
    for (const map of [this.#ranks, this.#groups, this.#heads, this.#counts]) map.clear()
  }
}

const newTuple = ({ task, rank, receivedAt }: TaskChange): Tuple => [...TASK.pack(task), rank, receivedAt]

const changedTuple = ({ task, rank }: TaskChange): Tuple => [
  task.tenant,
  task.sequence,
  task.subscription,
  task.state,
  task.wakeAt,
  task.attempts,
  task.failures,
  task.token,
  task.leasedBy,
  task.leasedUntil,
  task.endedAt,
  task.code,
  task.message,
  task.blockedBy,
  RANKS[task.priority],
  rank,
  task.replayedAt,
]
