/**
 * The plug-ins of an instance: those the program brought, and those its configuration names, loaded, watched and replaced
 * while it runs. One that cannot be loaded is told of, and the others run.
 */
import { type Principal, requireScope } from '../access/principal.js'
import { isTocsinError, messageOf, NotFound, PluginFailed, type TocsinError } from '../errors.js'
import { Mutex } from '../mutex.js'
import type { Processor } from '../pipeline/processor.js'
import type { Plugin } from '../plugin.js'
import { Calls, counted } from '../plugins/calls.js'
import { digestOf } from '../plugins/load-module.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Config } from './config/schema.js'
import {
  at,
  type Hosted,
  isSame,
  isUnchanged,
  nameOf,
  ownerOf,
  type PluginView,
  STATES,
  viewOf,
  viewOfProgram,
} from './hosted-plugin.js'
import { type LoadedPlugin, loadPlugin, type PluginEntry } from './load-plugin.js'
import { type Owned, refuseFixed } from './plugin-fit.js'

type Listed = Pick<Config, 'plugins' | 'folder'>

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
  #registered: () => readonly Processor[] = () => []
  readonly #turns = new Mutex()
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

  /**
   * Registers their processors, now and when they are replaced.
   * @param registered all that run
   */
  attach(replace: Replace, registered: () => readonly Processor[]): void {
    this.#replace = replace
    this.#registered = registered
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
    const registered = this.#registered()
    const program = this.#dependencies.program.map((plugin) => viewOfProgram(plugin, registered))
    return [...program, ...this.#hosted.map(viewOf)]
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
    return this.#turns.run(async () => {
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

  close(): Promise<void> {
    return this.#turns.run(async () => {
      const closing = [
        ...this.#dependencies.program.map(async (plugin) => plugin.close?.()),
        ...this.#running().map(({ loaded }) => loaded.close()),
      ]
      for (const result of await Promise.allSettled(closing))
        if (result.status === 'rejected') this.#tellOfClose(result.reason)
    })
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
      refuseFixed(old?.loaded?.plugin, fresh.loaded?.plugin, { field: fresh.at, module: fresh.entry.module })
      this.#replace(old?.processors ?? [], fresh.processors)
      return null
    } catch (error) {
      return this.#told(error, fresh.at, fresh.entry)
    }
  }

  async #open(entry: PluginEntry, index: number, folder: string, others: readonly Hosted[]): Promise<Hosted> {
    const { checkFit, processorsOf, ourselves, program, crashed, now } = this.#dependencies
    const calls = new Calls()
    const digest = digestOf(entry.module, { from: folder, entry: at(index) })
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
}
