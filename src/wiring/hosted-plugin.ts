/**
 * A plug-in that the configuration names, as an instance has it: what came of its entry, and what is shown of it.
 */
import { isDeepStrictEqual } from 'node:util'
import type { TocsinError } from '../errors.js'
import type { Processor } from '../pipeline/processor.js'
import { moduleOf } from '../pipeline/processor-view.js'
import type { Plugin } from '../plugin.js'
import type { Calls } from '../plugins/calls.js'
import type { IsolatedStatus } from '../plugins/isolate.js'
import { digestOf } from '../plugins/load-module.js'
import type { LoadedPlugin, PluginEntry } from './load-plugin.js'

export const STATES = ['running', 'starting', 'waiting', 'broken'] as const

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

export interface Hosted {
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

export const at = (index: number): string => `plugins[${index}]`
export const nameOf = ({ loaded }: Hosted): string | null => loaded?.plugin.name ?? null
export const ownerOf = (hosted: Hosted): string =>
  `the plug-in ${nameOf(hosted)} (${hosted.at}, ${hosted.entry.module})`

export const isSame = (one: PluginEntry, other: PluginEntry): boolean =>
  one.module === other.module && one.export === other.export

export const isUnchanged = (old: Hosted, entry: PluginEntry, folder: string, where: string): boolean =>
  isDeepStrictEqual(old.entry, entry) && old.digest === digestOf(entry.module, { from: folder, entry: where })

const told = (error: TocsinError | null) => error && { code: error.code, message: error.message }
const namesIn = ({ processors = [], httpProcessors = [] }: Plugin): readonly string[] =>
  [...processors, ...httpProcessors].map(({ name }) => name)

/** @param registered all that run: what a plug-in registers as it starts is known by its module. */
export const viewOfProgram = (plugin: Plugin, registered: readonly Processor[]): PluginView => ({
  ...{ name: plugin.name, origin: 'program', entry: null, module: null, state: 'running', error: null },
  ...{ processors: withBegun(plugin, registered), isolated: null, loadedAt: null },
})

const withBegun = (plugin: Plugin, registered: readonly Processor[]): readonly string[] => {
  const begun = registered.filter((processor) => moduleOf(processor) === plugin.name).map(({ name }) => name)
  return [...new Set([...namesIn(plugin), ...begun])]
}

export function viewOf({ entry, at: where, loaded, error, loadedAt }: Hosted): PluginView {
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
