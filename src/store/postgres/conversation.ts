/**
 * What a transaction says to the database, and in which order: what is to be written goes before each question, so that an
 * answer is never older than what was decided before, and what can be sent together waits once.
 */
import type { SqlRow, SqlValue } from '../sql/row.js'
import { keyOf } from './changes.js'
import type { Answer, Flights, Value } from './flight.js'
import type { Statement } from './statement.js'
import type { Bulk, Tuple } from './tables.js'
import { unheard } from './unheard.js'

/** Whoever can be asked in SQL: a transaction, or any connection. */
export interface Asked {
  all(sql: Statement | string, ...values: Value[]): Promise<readonly SqlRow[]>
  get(sql: Statement | string, ...values: Value[]): Promise<SqlRow | undefined>
}

interface Writing {
  readonly bulk: Bulk
  readonly rows: readonly Tuple[]
}

export class Conversation implements Asked {
  readonly #flights: Flights
  /** Takes all that is to be written. */
  readonly #take: () => readonly Writing[]
  #isDirty = false
  /** Nothing has been written yet. */
  #isPristine = true
  readonly #expected = new Map<string, Promise<Answer>>()
  readonly #atEnd: (() => Promise<void>)[] = []

  constructor(flights: Flights, take: () => readonly Writing[]) {
    this.#flights = flights
    this.#take = take
  }

  async all(sql: Statement | string, ...values: Value[]): Promise<readonly SqlRow[]> {
    return (await (this.#expectedOf(sql, values) ?? this.#afterFlush(sql, values))).rows
  }

  #expectedOf(sql: Statement | string, values: readonly Value[]): Promise<Answer> | undefined {
    if (!this.#isPristine || this.#expected.size === 0 || typeof sql === 'string') return undefined
    return this.#expected.get(keyOf(sql.name, ...values.map(String)))
  }

  /** Asks now what will probably be asked with `all`, and then answered from here if nothing has been written meanwhile. */
  expect(sql: Statement, ...values: SqlValue[]): Promise<readonly SqlRow[]> {
    const asked = unheard(this.#flights.ask(sql, values))
    this.#expected.set(keyOf(sql.name, ...values.map(String)), asked)
    return asked.then(({ rows }) => rows)
  }

  /** Asks when all is written, at the end. */
  atEnd(sql: Statement): Promise<SqlRow | undefined> {
    return unheard(
      new Promise((resolve, reject) => {
        this.#atEnd.push(() => this.get(sql).then(resolve, reject))
      }),
    )
  }

  /** Sends all that is left to be written and asked. */
  async end(): Promise<void> {
    await together([this.flush(), ...this.#atEnd.map((asks) => asks())])
  }

  async get(sql: Statement | string, ...values: Value[]): Promise<SqlRow | undefined> {
    return (await this.all(sql, ...values))[0]
  }

  /** Answers how many rows it changed. */
  async run(sql: Statement | string, ...values: Value[]): Promise<number> {
    this.#isPristine = false
    return (await this.#afterFlush(sql, values)).count
  }

  async write(bulk: Bulk, rows: readonly Tuple[]): Promise<void> {
    this.#isPristine = false
    await this.#afterFlush(bulk.statement, bulk.values(rows))
  }

  /** Sent together with what is to be written first. */
  async #afterFlush(sql: Statement | string, values: readonly Value[]): Promise<Answer> {
    const flushed = this.flush()
    const asked = this.#flights.ask(sql, values)
    await together([flushed, asked])
    return asked
  }

  /** There is something to be written. */
  protected touch(): void {
    this.#isDirty = true
    this.#isPristine = false
  }

  /** What was expected may be answered otherwise now. */
  protected changed(): void {
    this.#isPristine = false
  }

  /** Sends what is to be written; all at once, and the answers are awaited together. */
  async flush(): Promise<void> {
    if (!this.#isDirty) return
    this.#isDirty = false
    await together(this.#take().map(({ bulk, rows }) => this.#flights.ask(bulk.statement, bulk.values(rows))))
  }
}

/** All have an answer before the first failure is thrown: what follows a failed statement only says that it did. */
async function together(promises: readonly Promise<unknown>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(promises)) if (outcome.status === 'rejected') throw outcome.reason
}
