/**
 * What is asked of a connection in one turn of the loop goes in one flight: statements that follow each other with one
 * `Sync` behind the last, so that the server tells all answers at once, and none that comes after one that failed is tried
 * (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING).
 */
import pg from 'pg'
import type { SqlRow, SqlValue } from '../sql/row.js'
import { isNumeric } from './pool.js'
import { numbered, type Statement } from './statement.js'

/** A buffer is a binary array (`arrays.ts`). */
export type Value = SqlValue | Buffer

export interface Answer {
  readonly rows: readonly SqlRow[]
  /** How many rows were changed, or are there. */
  readonly count: number
  /** Such as `COMMIT`. */
  readonly command: string
}

export class Flights {
  readonly #client: pg.ClientBase
  #next: Flight | null = null

  constructor(client: pg.ClientBase) {
    this.#client = client
  }

  ask(sql: Statement | string, values: readonly Value[] = []): Promise<Answer> {
    const flight = this.#next ?? this.#begin()
    return flight.add(typeof sql === 'string' ? { name: '', text: numbered(sql) } : sql, values)
  }

  #begin(): Flight {
    const flight = new Flight()
    this.#next = flight
    process.nextTick(() => {
      this.#next = null
      this.#client.query(flight)
    })
    return flight
  }
}

interface Question {
  readonly statement: Statement
  readonly values: readonly Value[]
  readonly rows: SqlRow[]
  answer(answer: Answer): void
  fail(error: unknown): void
}

/** Which columns of a statement's answer are numbers: described once, and not asked for again. */
const described = new WeakMap<Statement, readonly boolean[]>()
/** The names under which a connection has prepared statements. */
const prepared = new WeakMap<pg.Connection, Set<string>>()

const COUNT = /\d+$/

/** `pg` takes no others for its pipeline, and calls these by their names. */
export class Flight extends pg.Query {
  readonly questions: Question[] = []
  /** Set by `pg`, which waits for it no longer than it may take. */
  declare callback?: (error: unknown) => void
  /** Whose answer is being read. */
  #at = 0
  #names: Set<string> = new Set()

  constructor() {
    super('')
  }

  add(statement: Statement, values: readonly Value[]): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.questions.push({ statement, values, rows: [], answer, fail })
    })
  }

  override readonly submit = (connection: pg.Connection): void => {
    this.#names = prepared.get(connection) ?? new Set()
    prepared.set(connection, this.#names)
    connection.stream.cork()
    for (const question of this.questions) this.#send(connection, question)
    connection.sync()
    connection.stream.uncork()
  }

  #send(connection: pg.Connection, { statement, values }: Question): void {
    const { name, text } = statement
    if (!this.#names.has(name)) {
      // Of one that failed nobody knows whether it was prepared.
      if (name !== '') connection.close({ type: 'S', name }, true)
      connection.parse({ name, text, types: [] }, true)
      if (name !== '') this.#names.add(name)
    }
    connection.bind({ portal: '', statement: name, values: values.map(toBound) }, true)
    if (!described.has(statement)) connection.describe({ type: 'P', name: '' }, true)
    connection.execute({ portal: '' }, true)
  }

  handleRowDescription({ fields }: { readonly fields: readonly { readonly dataTypeID: number }[] }): void {
    const question = this.questions[this.#at]
    if (question !== undefined)
      described.set(
        question.statement,
        fields.map(({ dataTypeID }) => isNumeric(dataTypeID)),
      )
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    const question = this.questions[this.#at]
    const numeric = question && described.get(question.statement)
    question?.rows.push(fields.map((value, index) => (value !== null && numeric?.[index] ? Number(value) : value)))
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    const question = this.questions[this.#at++]
    if (question === undefined) return
    if (!described.has(question.statement)) described.set(question.statement, [])
    const count = Number(COUNT.exec(text)?.[0] ?? 0)
    question.answer({ rows: question.rows, count, command: text })
  }

  handleReadyForQuery(): void {
    this.callback?.(null)
  }

  handleError(error: unknown): void {
    this.callback?.(error)
    for (const { statement, fail } of this.questions.slice(this.#at)) {
      this.#names.delete(statement.name)
      fail(error)
    }
  }
}

const toBound = (value: Value): Buffer | string | null => (typeof value === 'number' ? String(value) : value)
