/**
 * How a capture is doing, as its leader says it: kept, told to operators where it is news, and logged.
 */
import type { RunnerDependencies } from './dependencies.js'
import type { SchemaChange } from './row-reader.js'
import type { Progress, Stored } from './stored.js'

/** Milliseconds between two words about how it goes. */
const REPORT = 10_000
const MOST_SCHEMA_CHANGES = 20

const NOTHING = { code: null, message: null, field: null, admitted: 0, skipped: 0, schema: [] }
const RUNNING = { state: 'running', code: null, message: null, field: null } as const

export class Report {
  readonly #of: Pick<Stored, 'name' | 'tenant'>
  readonly #dependencies: Pick<RunnerDependencies, 'store' | 'node' | 'tell' | 'log' | 'now'>
  #progress: Progress
  /** When it was last kept, and whether that is so still. */
  #at = 0
  #isKept = true

  constructor(of: Pick<Stored, 'name' | 'tenant'>, dependencies: RunnerDependencies) {
    this.#of = of
    this.#dependencies = dependencies
    this.#progress = { ...NOTHING, at: dependencies.now(), node: dependencies.node, state: 'waiting' }
  }

  get progress(): Progress {
    return this.#progress
  }

  /** What another leader counted before. */
  async takeUp(): Promise<void> {
    const before = await this.#dependencies.store.progress(this.#of.name)
    if (before === null) return
    const { state, code, admitted, skipped, schema } = before
    this.#progress = { ...this.#progress, state, code, admitted, skipped, schema }
  }

  count(admitted: number, skipped: number): void {
    const { progress } = this
    this.#progress = { ...progress, admitted: progress.admitted + admitted, skipped: progress.skipped + skipped }
    this.#isKept = false
  }

  /** It runs: kept where that is news, and now and then. */
  async runs(): Promise<void> {
    const isDue = this.#dependencies.now() - this.#at >= REPORT
    if (this.#progress.state !== 'running' || isDue) await this.put(RUNNING)
  }

  /** What was counted since it was last kept. */
  async keep(): Promise<void> {
    if (!this.#isKept) await this.put({})
  }

  async put(news: Partial<Progress>): Promise<void> {
    const { store, now, node, log } = this.#dependencies
    const before = this.#progress
    this.#at = now()
    this.#isKept = true
    this.#progress = { ...before, ...news, at: this.#at, node }
    const { state, code, message } = this.#progress
    if (before.state !== state || before.code !== code) {
      if (state === 'held') this.say('tocsin.capture.held', { code, message })
      if (state === 'ended') this.say('tocsin.capture.ended', { code, message })
      log({ capture: this.#of.name, state, code, message }, 'capture')
    }
    await store.putProgress(this.#of.name, this.#progress).catch(() => {})
  }

  schemaChanged(change: SchemaChange): void {
    const at = this.#dependencies.now()
    const schema = [...this.#progress.schema, { ...change, at }].slice(-MOST_SCHEMA_CHANGES)
    this.#progress = { ...this.#progress, schema }
    this.#at = 0
    this.#isKept = false
    this.say('tocsin.capture.schema-changed', { ...change })
  }

  say(type: string, data: object): void {
    const { name, tenant } = this.#of
    this.#dependencies.tell(tenant, { type, source: '/tocsin', subject: name, data: { capture: name, ...data } })
  }
}
