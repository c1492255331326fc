/**
 * One plug-in from outside: its module loaded, its options checked, the plug-in made, in this process or an isolated one.
 */

import { PluginFailed } from '../errors.js'
import { hint } from '../event/nearest.js'
import { Accepted } from '../pipeline/accepted.js'
import { checkOptions } from '../pipeline/options.js'
import type { Answer, Processor, ProcessorContext } from '../pipeline/processor.js'
import type { Plugin } from '../plugin.js'
import { type Isolated, type IsolatedStatus, isolate } from '../plugins/isolate.js'
import { make } from '../plugins/isolate-wire.js'
import { exportOf, loadModule, type Module, type ModuleSource } from '../plugins/load-module.js'
import type { Config } from './config/schema.js'

export type PluginEntry = Config['plugins'][number]

/** Makes a plug-in of options, which the module's export `optionsSchema` (JSON Schema), if there is one, describes. */
export type PluginFactory = (options: Readonly<Record<string, unknown>>) => Plugin | Promise<Plugin>

export interface LoadedPlugin {
  readonly plugin: Plugin
  /** Of its process; null: it runs in this one. */
  status(): IsolatedStatus | null
  /** After its last call. */
  close(): Promise<void>
}

/**
 * @param crashed told when an isolated one crashed.
 * @throws PluginFailed `module_not_found`, `module_broken`, `module_unfit`, `plugin_failed`; InvalidInput for its options
 */
export async function loadPlugin(
  entry: PluginEntry,
  source: ModuleSource,
  crashed: (error: Error) => void,
): Promise<LoadedPlugin> {
  const begin = (module: Module) => pluginOf(module, entry, source)
  if (entry.isolated !== undefined) {
    const isolated = await isolate(entry.module, source, entry.isolated, { begin, crashed })
    const plugin = await isolated.use(async (each) => each)
    return {
      plugin: throughProcess(plugin, isolated),
      status: () => isolated.status(),
      close: () => closeIsolated(isolated),
    }
  }
  const plugin = await begin(await loadModule(entry.module, source))
  return { plugin, status: () => null, close: async () => plugin.close?.() }
}

async function closeIsolated(isolated: Isolated<Plugin>): Promise<void> {
  try {
    if (isolated.status().state === 'running') await isolated.use(async (plugin) => plugin.close?.())
  } finally {
    await isolated.close()
  }
}

const isPart = (value: unknown): value is Plugin | PluginFactory =>
  typeof value === 'function' || (typeof value === 'object' && value !== null && 'name' in value)

async function pluginOf(module: Module, { options, export: name, isolated }: PluginEntry, source: ModuleSource) {
  const { entry } = source
  const exported = exportOf(module, entry, { what: 'a plug-in, or a function that makes one', name, fits: isPart })
  if (typeof exported !== 'function' && options !== undefined)
    throw unfit(entry, 'takes no options', 'no options, or a module that exports a function')
  if (typeof exported === 'function') checkAgainst(module.optionsSchema, options ?? {}, entry)
  const plugin = typeof exported === 'function' ? await made(exported, options ?? {}, source) : exported
  checkPlugin(plugin, entry)
  if (isolated !== undefined) checkIsolated(plugin, entry)
  return plugin
}

function checkAgainst(optionsSchema: unknown, options: Readonly<Record<string, unknown>>, entry: string): void {
  if (optionsSchema === undefined) return
  if (typeof optionsSchema !== 'object' || optionsSchema === null)
    throw unfit(entry, 'exports an optionsSchema that is no JSON Schema', 'a JSON Schema')
  const about = { name: entry, optionsSchema: optionsSchema as Readonly<Record<string, unknown>> }
  try {
    checkOptions(about, options, `${entry}.options`)
  } catch (error) {
    if (error instanceof TypeError)
      throw unfit(entry, 'exports an optionsSchema that is no JSON Schema', 'a JSON Schema')
    throw error
  }
}

async function made(factory: PluginFactory, options: Readonly<Record<string, unknown>>, source: ModuleSource) {
  const { entry, deadline = 10_000 } = source
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const tell = () => reject(failed(entry, `its function did not make it within ${deadline} ms`))
    timer = setTimeout(tell, deadline)
  })
  try {
    return (await Promise.race([make(factory, [options]), late])) as Plugin
  } catch (error) {
    // What it throws may tell its options, a password among them.
    throw error instanceof PluginFailed ? error : failed(entry, withoutValues(error, options))
  } finally {
    clearTimeout(timer)
  }
}

const failed = (entry: string, why: string): PluginFailed =>
  new PluginFailed('plugin_failed', `${entry}: the plug-in was not made: ${why}.`, { field: entry, data: { entry } })

function withoutValues(error: unknown, options: unknown): string {
  const texts = textsIn(options).filter((text) => text.length >= 4)
  const message = error instanceof Error ? error.message : 'something was thrown that is no error'
  return texts.reduce((told, text) => told.replaceAll(text, '***'), message)
}

const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

const unfit = (entry: string, what: string, expected: string): PluginFailed =>
  new PluginFailed('module_unfit', `${entry}: the module ${what}.`, { field: entry, expected, data: { entry } })

const LISTS = [
  ...['catalogue', 'resourceTypes', 'translators', 'formats', 'processors', 'httpProcessors', 'predefined'],
  ...['transports', 'madeTransports', 'importers', 'routes', 'registrars'],
]
const NAME = /^[a-z][a-z0-9-]{0,49}$/

/** A misspelt list would be passed over in silence. Functions beside are the plug-in's own business. */
function checkPlugin(plugin: Plugin, entry: string): void {
  if (typeof plugin !== 'object' || plugin === null || typeof plugin.name !== 'string' || !NAME.test(plugin.name))
    throw unfit(entry, 'makes no plug-in: it has no name', 'name: lower-case letters, digits, hyphens; 50 at most')
  for (const [member, value] of Object.entries(plugin)) {
    if (member === 'name' || typeof value === 'function') continue
    if (!LISTS.includes(member))
      throw unfit(entry, `has a member ${member}, which plug-ins have not.${hint(member, LISTS)}`, LISTS.join(', '))
    if (!Array.isArray(value)) throw unfit(entry, `has ${member} that is no list`, `${member}: [...]`)
  }
}

/** Only what is asked by calls that may wait can be elsewhere. */
const ELSEWHERE = ['name', 'catalogue', 'resourceTypes', 'processors', 'httpProcessors', 'predefined', 'close']

function checkIsolated(plugin: Plugin, entry: string): void {
  const here = Object.keys(plugin).find((member) => [...LISTS, 'start'].includes(member) && !ELSEWHERE.includes(member))
  if (here !== undefined)
    throw unfit(entry, `brings ${here}, which cannot be isolated`, 'a plug-in of its own for them')
  const asked = plugin.processors?.find(({ when, priority }) => when ?? priority)
  if (asked)
    throw unfit(entry, `brings ${asked.name} with when or priority, which cannot be isolated`, 'conditions in run')
}

/** The same plug-in, its processors called in their process. */
const throughProcess = (plugin: Plugin, isolated: Isolated<Plugin>): Plugin => ({
  ...plugin,
  ...(plugin.processors && {
    processors: plugin.processors.map((processor, index) => ({ ...processor, run: runThrough(isolated, index) })),
  }),
})

const runThrough =
  (isolated: Isolated<Plugin>, index: number): Processor['run'] =>
  async (event, { tenant, principal, options, results, signal: outer, publish }): Promise<Answer> => {
    const call = async (plugin: Plugin, signal: AbortSignal): Promise<Answer> => {
      const context: ProcessorContext = { tenant, principal, options, results, signal, publish }
      return plugin.processors?.[index]?.run(event, context)
    }
    try {
      return await isolated.use(call, { signal: outer })
    } catch (error) {
      throw error instanceof Error && error.name === 'Accepted' ? acceptedOf(error) : error
    }
  }

const acceptedOf = (error: Error & { code?: unknown }): Accepted =>
  new Accepted(error.message, typeof error.code === 'string' ? error.code : undefined)
