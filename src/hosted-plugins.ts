/**
 * The plug-ins of an instance: those the program brought, and those its configuration names, loaded, watched and replaced
 * while it runs. One that cannot be loaded is told of, and the others run.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { type Principal, requireScope } from './access/principal.js'
import type { Config } from './config-schema.js'
import { Conflict, isTocsinError, messageOf, NotFound, PluginFailed, type TocsinError } from './errors.js'
import { type LoadedPlugin, loadPlugin, type PluginEntry } from './load-plugin.js'
import type { Processor } from './pipeline/processor.js'
import type { Plugin } from './plugin.js'
import type { Owned } from './plugin-fit.js'
import type { IsolatedStatus } from './plugins/isolate.js'
import { resolveModule } from './plugins/load-module.js'
import type { AuditEntry } from './store/auditor.js'

type Listed = Pick<Config, 'plugins' | 'folder'>

const STATES = ['running', 'starting', 'waiting', 'broken'] as const

export interface PluginView {
  /** Null: it never said its name. */
  readonly name: string | null
  /** `program`: brought in code, as the profiles are; `configuration`: an entry of `plugins`. */
  readonly origin: 'program' | 'configuration'
  /** `plugins[0]`; null for the program's. */
  readonly entry: string | null
  readonly module: string | null
  /** `broken`: it does not run, `error` tells why. `starting`, `waiting`: isolated, after a crash. */
  readonly state: (typeof STATES)[number]
  /** Why it does not run, or why it could not be replaced: then the one before goes on. */
  readonly error: { readonly code: string; readonly message: string } | null
  readonly processors: readonly string[]
  /** Null: it runs in the process of the instance. */
  readonly isolated: Omit<IsolatedStatus, 'state'> | null
  readonly loadedAt: number | null
}

interface Hosted {
  readonly entry: PluginEntry
  readonly at: string
  readonly loaded: LoadedPlugin | null
  readonly error: TocsinError | null
  /** Of its file when it was loaded. */
  readonly digest: string | null
  readonly loadedAt: number | null
  /** Its processors, as they are registered. */
  readonly processors: readonly Processor[]
  readonly calls: Calls
}

export interface HostDependencies {
  readonly program: readonly Plugin[]
  readonly listed: Listed
  /** Reads the configuration anew. Default: the same list again. */
  readonly reread?: (() => Listed | Promise<Listed>) | undefined
  /** What is there besides plug-ins. */
  readonly ourselves: readonly Owned[]
  /** @throws what does not fit */
  checkFit(there: readonly Owned[], candidate: Owned): void
  /** The processors of a plug-in, those in other processes among them. */
  processorsOf(plugin: Plugin): readonly Processor[]
  crashed(plugin: string): void
  audit(entry: AuditEntry): Promise<void>
  readonly log: { info(fields: object, text: string): void; error(fields: object, text: string): void }
  now(): number
}

type Replace = (leaving: readonly Processor[], coming: readonly Processor[]) => void

export class HostedPlugins {
  readonly #dependencies: HostDependencies
  #hosted: readonly Hosted[] = []
  #replace: Replace = () => {}
  #turn: Promise<unknown> = Promise.resolve()
  #reloads = 0

  private constructor(dependencies: HostDependencies) {
    this.#dependencies = dependencies
  }

  /** Loads them one after another, as later ones may clash with earlier ones. Never throws. */
  static async load(dependencies: HostDependencies): Promise<HostedPlugins> {
    const host = new HostedPlugins(dependencies)
    const { plugins, folder } = dependencies.listed
    for (const [index, entry] of plugins.entries())
      host.#hosted = [...host.#hosted, await host.#open(entry, index, folder, host.#hosted)]
    return host
  }

  /** All that run, in their order: the program's, then the configuration's. */
  plugins(): readonly Plugin[] {
    return [...this.#dependencies.program, ...this.#running().map(({ loaded }) => loaded.plugin)]
  }

  /** Registers their processors, now and when they are replaced. */
  attach(replace: Replace): void {
    this.#replace = replace
    this.#replace(
      [],
      this.#hosted.flatMap(({ processors }) => processors),
    )
  }

  /** Each begins to work; one of the configuration that cannot is broken, and the others run. */
  start(begin: (plugin: Plugin) => void): void {
    for (const plugin of this.#dependencies.program) begin(plugin)
    this.#hosted = this.#hosted.map((each) => this.#started(each, begin))
  }

  #started(hosted: Hosted, begin: (plugin: Plugin) => void): Hosted {
    try {
      if (hosted.loaded) begin(hosted.loaded.plugin)
      return hosted
    } catch (thrown) {
      const error = this.#told(thrown, hosted.at, hosted.entry)
      this.#replace(hosted.processors, [])
      this.#leave(hosted)
      return { ...hosted, loaded: null, processors: [], error }
    }
  }

  list(caller: Principal): readonly PluginView[] {
    requireScope(caller, 'processors:read')
    return [...this.#dependencies.program.map(viewOfProgram), ...this.#hosted.map(viewOf)]
  }

  /** For those who run on none of them rather than on some. @throws the error of the first that was not loaded */
  refuseBroken(): void {
    const broken = this.#hosted.find(({ error }) => error !== null)
    if (broken?.error) throw broken.error
  }

  /** How many, by state. */
  counts(): Readonly<Record<string, number>> {
    const states = this.#hosted.map((each) => viewOf(each).state)
    const count = (state: PluginView['state']) => states.filter((each) => each === state).length
    return Object.fromEntries(STATES.map((state) => [state, count(state)]))
  }

  /**
   * Reads the list anew: new ones and those whose entry or file changed are loaded and take over between two events, the
   * ones before end after their last call. A changed one that cannot be loaded leaves the one before in its place.
   * @param names these are loaded anew even if nothing changed: what they import may have, when they are isolated.
   * @throws NotFound for a name nobody has; InvalidInput `invalid_config` when the configuration cannot be read
   */
  reload(caller: Principal, names: readonly string[] = []): Promise<readonly PluginView[]> {
    return this.#inTurn(async () => {
      requireScope(caller, 'processors:write')
      const { listed, reread = () => listed, audit, now } = this.#dependencies
      const unknown = names.find((name) => !this.#hosted.some((each) => nameOf(each) === name))
      if (unknown !== undefined) throw new NotFound('plug-in of the configuration', unknown)
      this.#reloads += 1
      await this.#follow(await reread(), names)
      const detail = Object.fromEntries(this.#hosted.map((each) => [each.at, viewOf(each).state]))
      const { tenant, id: actor } = caller
      await audit({ tenant, at: now(), actor, action: 'plugins.reload', object: names.join(' ') || 'all', detail })
      return this.list(caller)
    })
  }

  async close(): Promise<void> {
    await this.#turn
    const closing = [
      ...this.#dependencies.program.map(async (plugin) => plugin.close?.()),
      ...this.#running().map(({ loaded }) => loaded.close()),
    ]
    for (const result of await Promise.allSettled(closing))
      if (result.status === 'rejected') this.#tellOfClose(result.reason)
  }

  async #follow({ plugins, folder }: Listed, names: readonly string[]): Promise<void> {
    const before = [...this.#hosted]
    const next: Hosted[] = []
    for (const [index, entry] of plugins.entries()) {
      const place = before.findIndex((each) => isSame(each.entry, entry))
      const [old] = place < 0 ? [] : before.splice(place, 1)
      const stays = old?.loaded && !names.includes(nameOf(old) ?? '') && isUnchanged(old, entry, folder, old.at)
      if (stays) next.push({ ...old, entry, at: at(index), error: null })
      else next.push(await this.#takeOver(old, entry, index, folder, [...next, ...before]))
    }
    for (const gone of before) {
      this.#replace(gone.processors, [])
      this.#leave(gone)
    }
    this.#hosted = next
  }

  async #takeOver(
    old: Hosted | undefined,
    entry: PluginEntry,
    index: number,
    folder: string,
    others: readonly Hosted[],
  ): Promise<Hosted> {
    const fresh = await this.#open(entry, index, folder, others)
    const error = fresh.error ?? this.#swap(old, fresh)
    if (error === null) {
      if (old) this.#leave(old)
      return fresh
    }
    if (fresh.loaded) this.#leave(fresh)
    // It goes on as it was.
    return old?.loaded ? { ...old, at: fresh.at, error } : { ...fresh, loaded: null, processors: [], error }
  }

  #swap(old: Hosted | undefined, fresh: Hosted): TocsinError | null {
    try {
      refuseFixed(old?.loaded?.plugin, fresh)
      this.#replace(old?.processors ?? [], fresh.processors)
      return null
    } catch (error) {
      return this.#told(error, fresh.at, fresh.entry)
    }
  }

  async #open(entry: PluginEntry, index: number, folder: string, others: readonly Hosted[]): Promise<Hosted> {
    const { checkFit, processorsOf, ourselves, program, crashed, now } = this.#dependencies
    const calls = new Calls()
    const digest = digestOf(entry, folder, at(index))
    const blank = { entry, at: at(index), digest, calls, loaded: null, error: null, loadedAt: null, processors: [] }
    let loaded: LoadedPlugin | undefined
    try {
      const source = { from: folder, entry: at(index), version: `${digest}-${this.#reloads}` }
      loaded = await loadPlugin(entry, source, (error) =>
        this.#tellOfCrash(error, blank.at, () => crashed(entry.module)),
      )
      const { plugin } = loaded
      const owned = (each: Hosted): readonly Owned[] =>
        each.loaded ? [{ owner: ownerOf(each), plugin: each.loaded.plugin }] : []
      const ofProgram = program.map((each) => ({ owner: `the plug-in ${each.name} of the program`, plugin: each }))
      checkFit([...ourselves, ...ofProgram, ...others.flatMap(owned)], { owner: ownerOf({ ...blank, loaded }), plugin })
      const processors = processorsOf(plugin).map((each) => counted(each, calls))
      this.#dependencies.log.info({ plugin: plugin.name, module: entry.module }, 'plug-in loaded')
      return { ...blank, loaded, loadedAt: now(), processors }
    } catch (error) {
      loaded?.close().catch((reason: unknown) => this.#tellOfClose(reason))
      return { ...blank, error: this.#told(error, blank.at, entry) }
    }
  }

  #running(): readonly (Hosted & { readonly loaded: LoadedPlugin })[] {
    return this.#hosted.flatMap((each) => (each.loaded ? [{ ...each, loaded: each.loaded }] : []))
  }

  #leave({ loaded, calls }: Hosted): void {
    if (loaded === null) return
    void calls
      .idle()
      .then(() => loaded.close())
      .catch((error: unknown) => this.#tellOfClose(error))
  }

  #told(thrown: unknown, entry: string, { module }: PluginEntry): TocsinError {
    const error = isTocsinError(thrown)
      ? thrown
      : new PluginFailed('plugin_failed', `${entry}: ${messageOf(thrown)}`, { field: entry, data: { entry, module } })
    this.#dependencies.log.error({ entry, module, code: error.code, error: error.message }, 'plug-in not loaded')
    return error
  }

  #tellOfCrash(error: Error, entry: string, count: () => void): void {
    count()
    this.#dependencies.log.error({ entry, error: error.message }, 'plug-in crashed')
  }

  #tellOfClose(error: unknown): void {
    this.#dependencies.log.error({ error: messageOf(error) }, 'plug-in did not close')
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => undefined)
    return result
  }
}

/** Calls under way, of processors that may have left meanwhile. */
class Calls {
  #count = 0
  readonly #idle: (() => void)[] = []

  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  async during<Result>(call: Promise<Result>): Promise<Result> {
    this.#count += 1
    try {
      return await call
    } finally {
      this.#count -= 1
      if (this.#count === 0) for (const tell of this.#idle.splice(0)) tell()
    }
  }
}

/** The same processor, its calls counted; one that answers at once is never under way. */
const counted = (processor: Processor, calls: Calls): Processor =>
  Object.create(processor, {
    run: {
      value: (...given: Parameters<Processor['run']>) => {
        const answer = processor.run(...given)
        return answer instanceof Promise ? calls.during(answer) : answer
      },
    },
  }) as Processor

const at = (index: number): string => `plugins[${index}]`
const nameOf = ({ loaded }: Hosted): string | null => loaded?.plugin.name ?? null
const ownerOf = (hosted: Hosted): string => `the plug-in ${nameOf(hosted)} (${hosted.at}, ${hosted.entry.module})`

const isSame = (one: PluginEntry, other: PluginEntry): boolean =>
  one.module === other.module && one.export === other.export

const isUnchanged = (old: Hosted, entry: PluginEntry, folder: string, where: string): boolean =>
  isDeepStrictEqual(old.entry, entry) && old.digest === digestOf(entry, folder, where)

/** Null: it cannot be read, which loading will tell. */
function digestOf({ module }: PluginEntry, from: string, entry: string): string | null {
  try {
    return createHash('sha256')
      .update(readFileSync(resolveModule(module, { from, entry })))
      .digest('hex')
  } catch {
    return null
  }
}

/** What other parts of the instance have taken up for good at its start. */
const FIXED = [
  'catalogue',
  'resourceTypes',
  'predefined',
  'formats',
  'transports',
  'madeTransports',
  'routes',
  'registrars',
] as const
/** Of these, data alone: the same again changes nothing. */
const COMPARED: readonly string[] = ['catalogue', 'resourceTypes', 'predefined']

/** @throws Conflict `wrong_state` */
function refuseFixed(old: Plugin | undefined, { loaded, entry, at: field }: Hosted): void {
  const fresh = loaded?.plugin
  const member = FIXED.find((each) => {
    const [before = [], now = []] = [old?.[each], fresh?.[each]]
    const isAlike = COMPARED.includes(each) && isDeepStrictEqual(before, now)
    return (before.length > 0 || now.length > 0) && !isAlike
  })
  if (member === undefined) return
  const message = `${field}: ${entry.module} brings ${member}, which an instance takes up only when it starts.`
  throw new Conflict('wrong_state', message, { field, expected: 'a restart', data: { member } })
}

const told = (error: TocsinError | null) => error && { code: error.code, message: error.message }
const namesIn = ({ processors = [], httpProcessors = [] }: Plugin): readonly string[] =>
  [...processors, ...httpProcessors].map(({ name }) => name)

const viewOfProgram = (plugin: Plugin): PluginView => ({
  ...{ name: plugin.name, origin: 'program', entry: null, module: null, state: 'running', error: null },
  ...{ processors: namesIn(plugin), isolated: null, loadedAt: null },
})

function viewOf({ entry, at: where, loaded, error, loadedAt }: Hosted): PluginView {
  const status = loaded?.status() ?? null
  const state = status === null || status.state === 'closed' ? 'running' : status.state
  return {
    name: loaded?.plugin.name ?? null,
    origin: 'configuration',
    entry: where,
    module: entry.module,
    state: loaded === null ? 'broken' : state,
    error: told(error),
    processors: loaded === null ? [] : namesIn(loaded.plugin),
    isolated: status && { pid: status.pid, restarts: status.restarts, lastError: status.lastError },
    loadedAt,
  }
}
