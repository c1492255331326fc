/**
 * Code from outside: an ES module (or a CommonJS one), named by a path or as a package, and the export of it that fits.
 */
import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { resolve as resolvePackage } from 'import-meta-resolve'
import { messageOf, PluginFailed } from '../errors.js'

export interface ModuleSource {
  /** The folder relative paths start from and whose `node_modules` holds the packages: that of the configuration file. */
  readonly from: string
  /** Where it is asked for, as errors name it: `plugins[0]`. */
  readonly entry: string
  /** Milliseconds it may take. Default 10,000. */
  readonly deadline?: number
  /** Another one than before loads its file anew; the modules that file imports stay as they are. */
  readonly version?: string
}

export type Module = Readonly<Record<string, unknown>>

const DEADLINE = 10_000

/**
 * The URL of a module's file. `./x.mjs`, `/x.mjs` and `file:` are paths, `acme` and `@acme/x/sink` are packages.
 * @throws PluginFailed `module_not_found`
 */
export function resolveModule(specifier: string, { from, entry }: Pick<ModuleSource, 'from' | 'entry'>): URL {
  const url = locate(specifier, from, entry)
  if (url.protocol === 'node:') throw notFound(specifier, entry, 'it is a module of Node')
  if (url.protocol !== 'file:') throw notFound(specifier, entry, `${url.protocol} is not read`)
  if (!existsSync(fileURLToPath(url))) throw notFound(specifier, entry, `${fileURLToPath(url)} is not there`)
  return url
}

const isPath = (specifier: string): boolean => /^(\.{0,2}[/\\]|file:|[a-z]:[/\\])/i.test(specifier)

function locate(specifier: string, from: string, entry: string): URL {
  try {
    if (specifier === '') throw new TypeError('it has no name')
    if (specifier.startsWith('file:')) return new URL(specifier)
    if (isPath(specifier)) return pathToFileURL(resolvePath(from, specifier))
    // The name of a file in that folder, there or not: only where the search begins counts.
    return new URL(resolvePackage(specifier, pathToFileURL(join(from, 'tocsin.yaml')).href))
  } catch (error) {
    throw notFound(specifier, entry, messageOf(error))
  }
}

const notFound = (specifier: string, entry: string, why: string): PluginFailed =>
  new PluginFailed('module_not_found', `${entry}: there is no module ${JSON.stringify(specifier)}: ${why}.`, {
    field: entry,
    expected: 'a path such as ./plugin.mjs, or the name of a package installed beside the configuration',
    data: { entry, module: specifier },
  })

/** SHA-256 of its file, in hex: another one when the file changed. Null: it cannot be read, which loading will tell. */
export function digestOf(specifier: string, source: Pick<ModuleSource, 'from' | 'entry'>): string | null {
  try {
    return hash('sha256', readFileSync(resolveModule(specifier, source)), 'hex')
  } catch {
    return null
  }
}

/**
 * Loads it into this process. One that never turns the loop (`for (;;);`) holds up this process; only `isolate` can end that.
 * @throws PluginFailed `module_not_found`; `module_broken`, with `data.reason`: `syntax`, `threw`, `timeout`
 */
export async function loadModule(specifier: string, source: ModuleSource): Promise<Module> {
  const url = resolveModule(specifier, source)
  if (source.version !== undefined) url.searchParams.set('version', source.version)
  const { deadline = DEADLINE, entry } = source
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const told = () => reject(broken(specifier, entry, 'timeout', `it was not loaded within ${deadline} ms`))
    timer = setTimeout(told, deadline)
  })
  try {
    return await Promise.race([importOf(specifier, entry, url), late])
  } finally {
    clearTimeout(timer)
  }
}

async function importOf(specifier: string, entry: string, url: URL): Promise<Module> {
  try {
    return (await import(/* @vite-ignore */ url.href)) as Module
  } catch (error) {
    throw broken(specifier, entry, isSyntax(error, url) ? 'syntax' : 'threw', messageOf(error), error)
  }
}

/** Not one that the module's own code threw, as `JSON.parse` does: its stack leads through that file. */
const isSyntax = (error: unknown, { pathname }: URL): boolean =>
  error instanceof Error &&
  error.name === 'SyntaxError' &&
  !(error.stack ?? '').split('\n').some((line) => /^\s+at /.test(line) && line.includes(pathname))

type Reason = 'syntax' | 'threw' | 'timeout'

const broken = (specifier: string, entry: string, reason: Reason, why: string, cause?: unknown): PluginFailed =>
  new PluginFailed('module_broken', `${entry}: the module ${JSON.stringify(specifier)} cannot be loaded: ${why}.`, {
    field: entry,
    expected: reason === 'syntax' ? 'an ES module; `node --check FILE` shows the place' : 'a module that loads',
    data: { entry, module: specifier, reason },
    cause,
  })

export interface Wanted<Value> {
  /** In words, such as `a plug-in`. */
  readonly what: string
  /** The name of the export; default: `default`, else the only one that fits. */
  readonly name?: string | undefined
  fits(value: unknown): value is Value
}

/**
 * The export that is asked for.
 * @param entry as errors name it: `plugins[0]`
 * @throws PluginFailed `module_unfit`, which lists what the module exports
 */
export function exportOf<Value>(module: Module, entry: string, { what, name, fits }: Wanted<Value>): Value {
  const value = name === undefined ? usualOf(module, fits) : module[name]
  if (fits(value)) return value
  const names = Object.keys(module)
  const has = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`
  const sought = name === undefined ? `has no export that is ${what}, or several` : `exports no ${name} that is ${what}`
  throw new PluginFailed('module_unfit', `${entry}: the module ${sought}; ${has}.`, {
    field: entry,
    expected: `${what} as the export ${name ?? 'default'}`,
    data: { entry, exports: names },
  })
}

function usualOf<Value>(module: Module, fits: (value: unknown) => value is Value): unknown {
  if (fits(module.default)) return module.default
  // What CommonJS exports is a member of `default` too.
  const fitting = [...new Set(Object.values(module).filter(fits))]
  return fitting.length === 1 ? fitting[0] : undefined
}
