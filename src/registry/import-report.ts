/**
 * What is told of an import: how far it is, and what was wrong with which line.
 */
import { type ErrorCode, isTocsinError } from '../errors.js'
import type { ImportRow } from './import-store.js'

export interface ImportProblem {
  /** From 1, empty lines counted. */
  readonly line: number
  readonly code: ErrorCode
  readonly message: string
  readonly field: string | null
  readonly expected: string | null
}

export interface ImportView {
  readonly import: string
  readonly state: 'open' | 'done'
  readonly dryRun: boolean
  /** All lines up to this one are done. */
  readonly line: number
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  /** Links begun. */
  readonly links: number
  /** Lines, and links of lines, that were not taken. */
  readonly refused: number
  /** Of this stream: the first 1,000. */
  readonly problems: readonly ImportProblem[]
  /** Of this stream: further ones. */
  readonly moreProblems: number
}

const MOST_PROBLEMS = 1_000

export class ImportReport {
  row: ImportRow
  /** Lines and links of this stream that were not taken. */
  problems = 0
  readonly #told: ImportProblem[] = []
  /** Of them, those that no commit has counted yet. */
  #uncounted = 0

  constructor(row: ImportRow) {
    this.row = row
  }

  /** Found here: to be counted with the next batch. */
  refuse(line: number, error: unknown): void {
    this.#uncounted += 1
    this.tell(line, error)
  }

  /** How many the next batch is to count. */
  takeRefused(): number {
    const refused = this.#uncounted
    this.#uncounted = 0
    return refused
  }

  /** @param place where in the line it is, if the error does not say. @throws what is no refusal */
  tell(line: number, error: unknown, place: string | null = null): void {
    if (!isTocsinError(error) || error.status >= 500) throw error
    this.problems += 1
    if (this.#told.length >= MOST_PROBLEMS) return
    const { code, message, field = place, expected = null } = error
    this.#told.push({ line, code, message, field, expected })
  }

  view(): ImportView {
    const { length } = this.#told
    const problems = this.#told.toSorted((a, b) => a.line - b.line)
    return { ...viewOf(this.row), problems, moreProblems: this.problems - length }
  }
}

export const viewOf = (row: ImportRow): ImportView => ({
  import: row.id,
  state: row.state,
  dryRun: row.dryRun,
  line: row.line,
  created: row.created,
  changed: row.changed,
  unchanged: row.unchanged,
  links: row.links,
  refused: row.refused,
  problems: [],
  moreProblems: 0,
})
