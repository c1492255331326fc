/**
 * The configuration of an instance: defaults < YAML file < environment < flags, checked whole, then frozen.
 */
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { stringify } from 'yaml'
import { IS_SOURCE } from '../../built.js'
import { InvalidInput } from '../../errors.js'
import { isObject } from '../../json-object.js'
import { isSecretName, MASK } from '../../pipeline/options.js'
import { isPostgres, withoutPassword } from '../../store/database-url.js'
import { childOf, type Layer, type Problem, problemsIn } from './check.js'
import { contradictionsIn } from './contradictions.js'
import { CONFIG_ROOT, type Config, type ConfigInput, type SchemaNode } from './schema.js'
import { environmentLayer, type Flag, flagLayer, programLayer, unknownVariables, yamlLayer } from './sources.js'

export interface ConfigSources {
  /** The YAML file; absent: `tocsin.yaml` of the folder if there is one. */
  readonly file?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly flags?: readonly Flag[]
  /** Where `tocsin.yaml` is looked for and relative names start; default: the working folder. */
  readonly folder?: string
}

export interface LoadedConfig {
  readonly config: Config
  /** The file that was read; null if there was none. */
  readonly file: string | null
}

/**
 * The settings of a server or a command.
 * @throws InvalidInput `invalid_config`; `data.problems` lists all that is wrong, each with its place.
 */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const folder = resolve(sources.folder ?? '.')
  const environment = sources.environment ?? {}
  const file = fileOf(sources, folder)
  const layers = [
    ...(file === null ? [] : [yamlLayer(file)]),
    environmentLayer(environment, folder),
    flagLayer(sources.flags ?? [], folder),
  ]
  const config = settle(layers, unknownVariables(environment), file === null ? folder : dirname(file))
  return { config, file }
}

function fileOf(sources: ConfigSources, folder: string): string | null {
  if (sources.file !== undefined) return resolve(folder, sources.file)
  const usual = resolve(folder, 'tocsin.yaml')
  return existsSync(usual) ? usual : null
}

/**
 * The settings of a program that embeds Tocsin: what it says, laid over the defaults.
 * @throws InvalidInput `invalid_config`
 */
export const resolveConfig = (input: ConfigInput = {}): Config =>
  settle([programLayer(input, resolve('.'))], [], resolve('.'))

function settle(layers: readonly Layer[], found: readonly Problem[], folder: string): Config {
  refuse([...layers.flatMap(problemsIn), ...found])
  const trees = layers.map((layer) => withFullNames(CONFIG_ROOT, layer.tree, layer.folder))
  const merged = trees.reduce(merge, defaultsOf(CONFIG_ROOT, resolve('.')))
  refuse(contradictionsIn(merged as Config))
  return frozen(merge({ folder, ...usual(merged as Config) }, merged) as Config)
}

const usual = ({ database }: Config) => ({
  // Several may share a database, on one machine too.
  node: isPostgres(database) ? `${hostname()}-${process.pid}` : hostname(),
  ...(!isPostgres(database) && { store: { thread: USUAL_THREAD } }),
})

/** From TypeScript sources there is no compiled worker to start. */
const USUAL_THREAD = IS_SOURCE ? 'main' : 'worker'

function refuse(problems: readonly Problem[]): void {
  const [first] = problems
  if (!first) return
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  throw new InvalidInput('invalid_config', `${first.origin}: ${first.message}${more}`, {
    field: first.field,
    expected: first.expected,
    data: { problems },
  })
}

const defaultsOf = (node: SchemaNode, folder: string): unknown =>
  node.properties
    ? Object.fromEntries(
        Object.entries(node.properties).flatMap(([name, child]) => {
          const value = defaultsOf(child, folder)
          return value === undefined ? [] : [[name, value]]
        }),
      )
    : withFullNames(node, node.default, folder)

/** File names become absolute, so that they mean the same wherever they are read. */
function withFullNames(node: SchemaNode, value: unknown, folder: string): unknown {
  if (node.path && typeof value === 'string') return isFileName(node, value) ? resolve(folder, value) : value
  if (!(node.properties ?? node.patternProperties) || !isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, withFullNames(childOf(node, name) ?? {}, child, folder)]),
  )
}

const isFileName = ({ url }: SchemaNode, value: string): boolean => value !== 'memory' && !(url && isPostgres(value))

/** Sections are merged, everything else is replaced; an empty section (null in YAML) says nothing. */
function merge(below: unknown, above: unknown): unknown {
  if (above === undefined || above === null) return below
  if (!isObject(below) || !isObject(above)) return above
  return Object.fromEntries([
    ...Object.entries(below),
    ...Object.entries(above).map(([name, value]) => [name, merge(below[name], value)]),
  ])
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen)
  return Object.freeze(value)
}

/** The settings as YAML for people, secrets masked. */
export const printConfig = (config: Config): string => stringify(masked(CONFIG_ROOT, config, ''))

function masked(node: SchemaNode | undefined, value: unknown, name: string): unknown {
  if (node?.writeOnly || (node?.type === undefined && isSecretName(name))) return MASK
  if (node?.url && typeof value === 'string') return withoutPassword(value)
  if (Array.isArray(value)) return value.map((item) => masked(node?.items, item, ''))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, masked(node ? childOf(node, key) : undefined, child, key)]),
  )
}
