/**
 * Many resources from a stream of JSON lines, in any order: the good lines are taken, the bad ones told with their numbers.
 * How far it is is written in the same commit as what was taken, so an import that was interrupted goes on where it stopped.
 *
 * It tells nobody and asks no judge, unless `events` makes each line a change like any other.
 */
import { randomBytes } from 'node:crypto'
import { hasRole, type Principal, requireScope } from '../access/principal.js'
import { AccessDenied, Conflict, InvalidInput, NotFound } from '../errors.js'
import { parseJsonLines } from '../intake/json-lines.js'
import { type Changes, changeByLines } from './import-changes.js'
import { readImportLine } from './import-line.js'
import { ImportReport, type ImportView, viewOf } from './import-report.js'
import type { AwaitedLink, ImportedResource, ImportRow, ImportStore, Tally } from './import-store.js'
import { NOTHING_DONE } from './import-store.js'

export interface ImportOptions {
  /** Names the import, so that it can go on later; 1 to 64 letters, digits or any of `_ . -`. Default: a new name. */
  readonly id?: string | undefined
  /** The stream begins after this line. Absent: with line 1, and lines that are done already are passed over. */
  readonly after?: number | undefined
  /** More of it comes in another stream: links to what is not there yet go on waiting. */
  readonly more?: boolean | undefined
  /** Stops before the first line that is wrong; those before it are taken. */
  readonly strict?: boolean | undefined
  /** Only tells what would come of it. */
  readonly dryRun?: boolean | undefined
  /** Each line is a change: judged, told to subscribers. Default false. */
  readonly events?: boolean | undefined
  /** Nobody waits for the answer any more: a change that waits for its turn under the tenant's quotas is given up. It may go on later. */
  readonly signal?: AbortSignal | undefined
}

export interface ImportsDependencies {
  readonly store: ImportStore
  readonly changes: Changes
  /** @throws InvalidInput `invalid_data` */
  checkProperties(type: string, properties: Readonly<Record<string, unknown>>): void
  /** Told after each commit: what is kept of the tenant's resources elsewhere is out of date. */
  imported(tenant: string): void
  audit(entry: {
    tenant: string
    at: number
    actor: string
    action: string
    object: string
    detail: Readonly<Record<string, unknown>>
  }): Promise<void>
  now(): number
}

/** Lines of one commit; fewer if they are long. */
const MOST_LINES = 1_000
const MOST_BYTES = 4_194_304

export class Imports {
  readonly #parts: ImportsDependencies

  constructor(parts: ImportsDependencies) {
    this.#parts = parts
  }

  /** @throws NotFound, AccessDenied */
  async get(caller: Principal, id: string): Promise<ImportView> {
    requireImporter(caller)
    const row = await this.#parts.store.get(caller.tenant, id)
    if (row === null) throw new NotFound('import', id)
    return viewOf(row)
  }

  /**
   * @param stream JSON lines in UTF-8; memory does not grow with it.
   * @throws AccessDenied, InvalidInput; Conflict `wrong_state` if the import is done or stands at another line
   */
  async run(caller: Principal, stream: AsyncIterable<Uint8Array>, options: ImportOptions = {}): Promise<ImportView> {
    requireImporter(caller)
    const id = options.id ?? `imp_${randomBytes(8).toString('hex')}`
    const begun = await this.#begin(caller, id, options)
    const report = new ImportReport(begun)
    const end = await this.#lines(caller, stream, options, report)
    if (end === 'stopped') return report.view()
    return options.more === true ? report.view() : this.#finish(caller, options, report)
  }

  async #begin(caller: Principal, id: string, { after, dryRun = false }: ImportOptions): Promise<ImportRow> {
    const { store, now } = this.#parts
    if (!/^[\w.-]{1,64}$/.test(id))
      throw new InvalidInput('invalid_request', 'This is no name of an import.', {
        field: 'import',
        expected: '1 to 64 letters, digits or any of _ . -',
      })
    const { tenant } = caller
    const at = now()
    const row = await store.get(tenant, id)
    if (row?.state === 'done') throw wrongState(`The import ${id} is done.`, row)
    if (row && row.dryRun !== dryRun) throw wrongState(`The import ${id} is ${row.dryRun ? 'a' : 'no'} dry run.`, row)
    if (after !== undefined && after !== (row?.line ?? 0))
      throw wrongState(`The import ${id} has done line ${row?.line ?? 0}, not ${after}.`, row)
    const fresh = { tenant, id, dryRun, ...NOTHING_DONE, state: 'open', line: 0, startedAt: at, updatedAt: at } as const
    if (row === null) await this.#audit(caller, 'import.begin', fresh)
    return row ?? fresh
  }

  async #lines(
    caller: Principal,
    stream: AsyncIterable<Uint8Array>,
    options: ImportOptions,
    report: ImportReport,
  ): Promise<'ended' | 'stopped'> {
    const before = options.after ?? 0
    let batch: ImportedResource[] = []
    let bytes = 0
    let last = report.row.line
    // While one batch is written the next is read.
    let writing: Promise<void> = Promise.resolve()
    const flush = async () => {
      await writing
      const lines = batch
      const line = last
      batch = []
      bytes = 0
      const refused = report.takeRefused()
      if (line > report.row.line) writing = this.#take(caller, options, report, lines, line, refused)
      writing.catch(() => {})
    }
    const strict = options.strict === true
    try {
      for await (const read of parseJsonLines(stream)) {
        const line = before + read.line
        // What comes after the end of a strict import is read and dropped: whoever sends it waits for the answer.
        if (line <= report.row.line || (strict && report.problems > 0)) continue
        const resource = this.#readLine(line, read)
        if ('code' in resource) {
          if (strict) report.tell(line, resource)
          else report.refuse(line, resource)
          if (strict) continue
        } else {
          batch.push(resource)
          bytes += resource.properties.length
        }
        last = line
        if (batch.length >= MOST_LINES || bytes > MOST_BYTES) await flush()
      }
      await flush()
    } finally {
      // Also when the stream breaks: nothing is written any more once we have answered.
      await writing
    }
    return strict && report.problems > 0 ? 'stopped' : 'ended'
  }

  #readLine(line: number, read: { value: unknown } | { error: InvalidInput }): ImportedResource | InvalidInput {
    if ('error' in read) return read.error
    try {
      const resource = readImportLine(line, read.value)
      this.#parts.checkProperties(
        resource.type,
        (read.value as { properties?: Record<string, unknown> }).properties ?? {},
      )
      return resource
    } catch (error) {
      if (error instanceof InvalidInput) return error
      throw error
    }
  }

  async #take(
    caller: Principal,
    { dryRun = false, events = false, signal }: ImportOptions,
    report: ImportReport,
    resources: readonly ImportedResource[],
    line: number,
    refused: number,
  ): Promise<void> {
    const { store, now } = this.#parts
    const { tenant } = caller
    const changed = events && !dryRun ? await changeByLines(this.#changes(signal), caller, resources, report) : null
    const done: Tally = { ...(changed?.done ?? NOTHING_DONE), refused: refused + (changed?.done.refused ?? 0) }
    const answer = await store.take({
      ...{ tenant, id: report.row.id, dryRun, after: report.row.line, line, at: now(), actor: caller.id, done },
      resources: changed === null ? resources : [],
      awaited: changed?.awaited ?? [],
    })
    if (answer === null) throw wrongState('Somebody else goes on with this import.', report.row)
    for (const other of answer.otherType) report.tell(other.line, otherType(other.type))
    report.row = answer.row
    this.#parts.imported(tenant)
  }

  #changes(signal: AbortSignal | undefined): Changes {
    const { changes } = this.#parts
    return {
      get: (caller, id) => changes.get(caller, id),
      change: (caller, change) => changes.change(caller, change, signal),
    }
  }

  /** Links that waited begin; what they lead to and has not come is told. */
  async #finish(caller: Principal, options: ImportOptions, report: ImportReport): Promise<ImportView> {
    const { store, now } = this.#parts
    const { tenant } = caller
    const { id } = report.row
    for (;;) {
      const links = await store.awaited(tenant, id, MOST_LINES)
      if (links.length === 0) break
      const missing = links.filter(({ isThere }) => !isThere)
      for (const link of missing) report.tell(link.line, leadsNowhere(link))
      const done = await this.#beginLinks(caller, options, links, report, missing.length)
      const write = options.dryRun !== true && options.events !== true
      const row = await store.settle({ tenant, id, at: now() }, links, { write, done })
      if (row !== null) report.row = row
    }
    // An empty stream has begun nothing.
    report.row = (await store.finish(tenant, id, now())) ?? { ...report.row, state: 'done' }
    const { created, changed, unchanged, links, refused, dryRun } = report.row
    await this.#audit(caller, 'import.finish', report.row, { created, changed, unchanged, links, refused, dryRun })
    return report.view()
  }

  async #beginLinks(
    caller: Principal,
    { dryRun = false, events = false, signal }: ImportOptions,
    links: readonly (AwaitedLink & { isThere: boolean })[],
    report: ImportReport,
    missing: number,
  ): Promise<Tally> {
    const there = links.filter(({ isThere }) => isThere)
    if (dryRun) return { ...NOTHING_DONE, links: there.length, refused: missing }
    if (!events) return { ...NOTHING_DONE, refused: missing }
    const changes = this.#changes(signal)
    let begun = 0
    let refused = missing
    for (const { from, relation, to, strong, line, place } of there) {
      try {
        await changes.change(caller, { do: 'link', from, relation, to, strong })
        begun += 1
      } catch (error) {
        refused += 1
        report.tell(line, error, `links[${place}]`)
      }
    }
    return { ...NOTHING_DONE, links: begun, refused }
  }

  #audit(
    { tenant, id: actor }: Principal,
    action: string,
    { id, dryRun }: Pick<ImportRow, 'id' | 'dryRun'>,
    detail: Readonly<Record<string, unknown>> = { dryRun },
  ): Promise<void> {
    const { audit, now } = this.#parts
    return audit({ tenant, at: now(), actor, action, object: id, detail })
  }
}

/** It passes by the judges, so it is for who governs the tenant. */
function requireImporter(caller: Principal): void {
  requireScope(caller, 'resources:write')
  if (caller.resource === null && hasRole(caller, 'operator', 'admin')) return
  throw new AccessDenied('forbidden', 'Only operators and admins import resources.', {
    expected: 'a key with the role admin that is bound to no resource',
  })
}

const wrongState = (message: string, row: ImportRow | null): Conflict =>
  new Conflict('wrong_state', message, {
    data: { line: row?.line ?? 0, state: row?.state ?? 'open' },
    expected: `to go on after line ${row?.line ?? 0}`,
  })

const otherType = (type: string): InvalidInput =>
  new InvalidInput('invalid_request', `The resource is there with the type ${JSON.stringify(type)}.`, {
    field: 'type',
    expected: type,
  })

const leadsNowhere = ({ place, to }: AwaitedLink): InvalidInput =>
  new InvalidInput('invalid_request', `There is no resource ${JSON.stringify(to)}.`, {
    field: `links[${place}].to`,
    expected: 'a resource that is there, or in another line',
  })
