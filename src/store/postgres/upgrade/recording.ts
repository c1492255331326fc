/**
 * What a node of a schema version says to PostgreSQL, and what it is answered: written down while that version is the
 * newest, so that a later one can be tried beside a node of it. Only for tests.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { type Answer, Flight } from '../flight.js'

/** A binary array is an object with its bytes in base64. */
type Value = string | number | boolean | null | { readonly base64: string }

export interface Said {
  readonly name: string | undefined
  readonly text: string
  readonly values: readonly Value[]
  readonly rows: readonly (readonly (string | number | null)[])[]
  readonly count: number | null
}

const fileOf = (version: number): string =>
  fileURLToPath(new URL(`${String(version).padStart(3, '0')}.jsonl.gz`, import.meta.url))

/** The newest there is of an earlier version; each release is recorded. @throws Error if there is none */
export function lastRecorded(before: number): number {
  for (let version = before - 1; version > 0; version--) if (existsSync(fileOf(version))) return version
  throw new Error('No version is recorded.')
}

/** The schema that a recorded node works in: some of its statements name it. */
export const RECORDED_SCHEMA = 'recorded'

export function readRecording(version: number): readonly Said[] {
  const lines = gunzipSync(readFileSync(fileOf(version)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as Said)
}

export function writeRecording(version: number, said: readonly Said[]): void {
  writeFileSync(fileOf(version), gzipSync(said.map((one) => `${JSON.stringify(one)}\n`).join(''), { level: 9 }))
}

type Callback = (error: Error | null, result: pg.QueryArrayResult) => void

/** All that this process says from now on, in order, until it is told to stop. */
export function listen(): { readonly said: readonly Said[]; stop(): void } {
  const { query } = pg.Client.prototype
  const said: Said[] = []
  const note = (asked: string | pg.QueryArrayConfig, place: number, result: pg.QueryArrayResult) => {
    said[place] = typeof asked === 'string' ? plain(asked) : saidOf(asked, result)
  }
  const noteAnswers = ({ questions }: Flight) => {
    for (const question of questions) {
      const place = said.push(plain('')) - 1
      const { answer } = question
      question.answer = (answered) => {
        said[place] = answerSaid(question, answered)
        answer(answered)
      }
    }
  }
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    if (args[0] instanceof Flight) {
      noteAnswers(args[0])
      return Reflect.apply(query, this, args)
    }
    const asked = args[0] as string | pg.QueryArrayConfig
    const place = said.push(plain('')) - 1
    const told = args.at(-1)
    if (typeof told !== 'function') {
      const answer = Reflect.apply(query, this, args) as Promise<pg.QueryArrayResult>
      return answer.then((result) => {
        note(asked, place, result)
        return result
      })
    }
    const callback: Callback = (error, result) => {
      if (error === null || error === undefined) note(asked, place, result)
      ;(told as Callback)(error, result)
    }
    return Reflect.apply(query, this, [...args.slice(0, -1), callback])
  } as typeof query
  return {
    said,
    stop: () => {
      pg.Client.prototype.query = query
    },
  }
}

const plain = (text: string): Said => ({ name: undefined, text, values: [], rows: [], count: null })

const saidOf = ({ name, text, values = [] }: pg.QueryArrayConfig, { rows, rowCount }: pg.QueryArrayResult): Said => ({
  name,
  text,
  values: (values as readonly unknown[]).map(written),
  rows,
  count: rowCount,
})

const answerSaid = (
  { statement: { name, text }, values }: Flight['questions'][number],
  { rows, count, command }: Answer,
): Said =>
  /\d/.test(command)
    ? { name: name === '' ? undefined : name, text, values: values.map(written), rows, count }
    : plain(text)

const written = (value: unknown): Value =>
  Buffer.isBuffer(value) ? { base64: value.toString('base64') } : (value as Value)

/** As `pg` takes it. */
export const sent = ({ name, text, values }: Said): pg.QueryArrayConfig => ({
  ...(name !== undefined && { name }),
  text,
  values: values.map((value) =>
    typeof value === 'object' && value !== null ? Buffer.from(value.base64, 'base64') : value,
  ),
  rowMode: 'array',
})
