/**
 * The configuration of an instance: defaults < YAML file < environment < flags, checked whole, then frozen.
 */
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import ipaddr from 'ipaddr.js'
import { stringify } from 'yaml'
import { IS_SOURCE } from './built.js'
import { childOf, type Layer, type Problem, problemsIn } from './config-check.js'
import { oidcProblems } from './config-oidc.js'
import { CONFIG_ROOT, type Config, type ConfigInput, type SchemaNode } from './config-schema.js'
import { environmentLayer, type Flag, flagLayer, programLayer, unknownVariables, yamlLayer } from './config-sources.js'
import { InvalidInput } from './errors.js'
import { isObject } from './json-object.js'
import { isSecretName, MASK } from './pipeline/options.js'
import { isPostgres, isReadable, withoutPassword } from './store/database-url.js'

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

/** Settings that are right one by one and wrong together. */
function contradictionsIn(config: Config): readonly Problem[] {
  const { server, sealing, limits, database, store } = config
  const { email } = config.profiles.aws
  const says = (wrong: boolean, field: string, message: string, expected: string): readonly Problem[] =>
    wrong ? [{ origin: 'the configuration', field, message, expected }] : []
  return [
    ...says(
      !server.allowRemote && !isLoopback(server.host),
      'server.host',
      `server.host is ${JSON.stringify(server.host)}, which other machines can reach, and server.allowRemote is false.`,
      'a loopback address, or server.allowRemote: true behind a proxy that speaks TLS',
    ),
    ...says(
      sealing.key !== undefined && sealing.keyFile !== undefined,
      'sealing',
      'sealing.key and sealing.keyFile are both given.',
      'one of them',
    ),
    ...says(
      server.bodyLimit < limits.eventBytes,
      'server.bodyLimit',
      `server.bodyLimit (${server.bodyLimit}) is less than limits.eventBytes (${limits.eventBytes}).`,
      `at least ${limits.eventBytes}`,
    ),
    ...says(
      isPostgres(database) && !isReadable(database),
      'database',
      'database is no URL that can be read (it is not shown: it may hold a password).',
      'postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    ),
    ...says(
      isPostgres(database) && isGiven(store.tls) && SAYS_TLS.test(database),
      'store.tls',
      'store.tls is given, and the URL of the database has parameters of TLS.',
      'one of them',
    ),
    ...says(
      store.tls?.cert !== undefined && store.tls.key === undefined,
      'store.tls.key',
      'store.tls.cert is given without its key.',
      'store.tls.key',
    ),
    ...says(
      (server.tls?.cert === undefined) !== (server.tls?.key === undefined),
      server.tls?.cert === undefined ? 'server.tls.cert' : 'server.tls.key',
      'server.tls.cert and server.tls.key belong together.',
      'both, or neither',
    ),
    ...says(
      server.tls?.clients === 'ask' && server.tls.cert === undefined,
      'server.tls.clients',
      'Clients are asked for certificates over TLS alone.',
      'server.tls.cert and server.tls.key too',
    ),
    ...says(
      (email?.host === undefined) !== (email?.from === undefined),
      `profiles.aws.email.${email?.host === undefined ? 'host' : 'from'}`,
      'profiles.aws.email.host and profiles.aws.email.from belong together.',
      'both, or neither',
    ),
    ...says(
      (email?.user === undefined) !== (email?.password === undefined),
      `profiles.aws.email.${email?.user === undefined ? 'user' : 'password'}`,
      'profiles.aws.email.user and profiles.aws.email.password belong together.',
      'both, or neither',
    ),
    ...oidcProblems(config).map((problem) => ({ origin: 'the configuration', ...problem })),
    ...Object.entries(config.egress.certificates).flatMap(([origin, { cert, key, ca }]) => [
      ...says(
        !URL.canParse(origin) || new URL(origin).origin !== origin || !origin.startsWith('https:'),
        'egress.certificates',
        `egress.certificates: ${JSON.stringify(origin.slice(0, 100))} is no origin.`,
        'https://HOST or https://HOST:PORT',
      ),
      ...says(
        (cert === undefined) !== (key === undefined) || (cert ?? ca) === undefined,
        `egress.certificates.${origin}`,
        `egress.certificates: that of ${JSON.stringify(origin.slice(0, 100))} is not whole.`,
        'cert and key, or ca, or all three',
      ),
    ]),
    ...unusedIn(config).map((name) => ({
      origin: 'the configuration',
      field: `store.${name}`,
      message: `store.${name} means nothing for a database that is ${isPostgres(database) ? '' : 'not '}PostgreSQL.`,
      expected: 'nothing',
    })),
    ...config.plugins.flatMap(({ module }: { module?: string }, index) =>
      says(module === undefined, `plugins.${index}.module`, `plugins.${index}.module is missing.`, './plugin.mjs'),
    ),
    ...Object.entries(config.httpProcessors).flatMap(([name, each]) => httpProblems(`httpProcessors.${name}`, each)),
    ...Object.entries(config.classes).flatMap(([name, each]) =>
      says(
        (each as Partial<typeof each>).module === undefined,
        `classes.${name}.module`,
        `classes.${name}.module is missing.`,
        'a path such as ./sinks/approvals.mjs, or the name of a package',
      ),
    ),
  ]
}

const OF_POSTGRES = ['schema', 'pool', 'statementTimeout', 'partition', 'tls'] as const

const SAYS_TLS = /[?&](ssl|sslmode|sslcert|sslkey|sslrootcert|sslnegotiation)=/i

const isGiven = (value: unknown): boolean =>
  value !== undefined && (!isObject(value) || Object.values(value).some(isGiven))

/** Options of the store that the database has no use for. */
function unusedIn({ database, store }: Config): readonly string[] {
  const others = isPostgres(database) ? (['thread'] as const) : OF_POSTGRES
  return others.filter((name) => isGiven(store[name]))
}

const HTTP = /^https?:\/\//
const SIGNING = /^whs(ec|k)_[A-Za-z0-9+/]{32,}={0,2}$/

/** A section may come in parts, from several sources: whether it is whole is only seen at the end. */
function httpProblems(section: string, each: Partial<Config['httpProcessors'][string]>): readonly Problem[] {
  const says = (wrong: boolean, name: string, message: string, expected: string): readonly Problem[] => {
    const field = `${section}.${name}`
    return wrong ? [{ origin: 'the configuration', field, message: `${field} ${message}.`, expected }] : []
  }
  const { kind, url = '', secret = '' } = each
  const isUrl = HTTP.test(url) && URL.canParse(url)
  return [
    ...says(kind === undefined, 'kind', 'is missing', 'judge, witness or asynchronous'),
    ...says(!isUrl, 'url', url === '' ? 'is missing' : 'is no URL', 'https://...'),
    ...says(
      !SIGNING.test(secret),
      'secret',
      secret === '' ? 'is missing' : 'signs nothing',
      'whsec_ or whsk_ and base64',
    ),
  ]
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback')

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
