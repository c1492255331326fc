/**
 * Settings that are right one by one and wrong together. A section may come in parts, from several sources: whether it is
 * whole is only seen at the end.
 */
import ipaddr from 'ipaddr.js'
import { isObject } from '../../json-object.js'
import { isPostgres, isReadable } from '../../store/database-url.js'
import type { Problem } from './check.js'
import { oidcProblems } from './oidc.js'
import type { Config } from './schema.js'

export const contradictionsIn = (config: Config): readonly Problem[] => [
  ...inServer(config),
  ...inStore(config),
  ...inEmail(config.profiles.aws),
  ...oidcProblems(config).map((problem) => ({ origin: ORIGIN, ...problem })),
  ...inCertificates(config.egress),
  ...unusedIn(config),
  ...inModules(config),
]

const ORIGIN = 'the configuration'

const says = (wrong: boolean, field: string, message: string, expected: string): readonly Problem[] =>
  wrong ? [{ origin: ORIGIN, field, message, expected }] : []

const inServer = ({ server, sealing, limits }: Config): readonly Problem[] => [
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
]

const isLoopback = (host: string): boolean =>
  host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback')

const SAYS_TLS = /[?&](ssl|sslmode|sslcert|sslkey|sslrootcert|sslnegotiation)=/i

const inStore = ({ database, store }: Config): readonly Problem[] => [
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
]

const isGiven = (value: unknown): boolean =>
  value !== undefined && (!isObject(value) || Object.values(value).some(isGiven))

const OF_POSTGRES = ['schema', 'pool', 'statementTimeout', 'partition', 'tls'] as const

/** Options of the store that the database has no use for. */
function unusedIn({ database, store }: Config): readonly Problem[] {
  const others = isPostgres(database) ? (['thread'] as const) : OF_POSTGRES
  const why = `means nothing for a database that is ${isPostgres(database) ? '' : 'not '}PostgreSQL.`
  return others.flatMap((name) => says(isGiven(store[name]), `store.${name}`, `store.${name} ${why}`, 'nothing'))
}

const inEmail = ({ email }: Config['profiles']['aws']): readonly Problem[] => [
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
]

const inCertificates = ({ certificates }: Config['egress']): readonly Problem[] =>
  Object.entries(certificates).flatMap(([origin, { cert, key, ca }]) => [
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
  ])

const inModules = ({ plugins, httpProcessors, classes }: Config): readonly Problem[] => [
  ...plugins.flatMap(({ module }: { module?: string }, index) =>
    says(module === undefined, `plugins.${index}.module`, `plugins.${index}.module is missing.`, './plugin.mjs'),
  ),
  ...Object.entries(httpProcessors).flatMap(([name, each]) => inHttpProcessor(`httpProcessors.${name}`, each)),
  ...Object.entries(classes).flatMap(([name, { module }]: [string, { module?: string }]) =>
    says(
      module === undefined,
      `classes.${name}.module`,
      `classes.${name}.module is missing.`,
      'a path such as ./sinks/approvals.mjs, or the name of a package',
    ),
  ),
]

const HTTP = /^https?:\/\//
const SIGNING = /^whs(ec|k)_[A-Za-z0-9+/]{32,}={0,2}$/

function inHttpProcessor(section: string, each: Partial<Config['httpProcessors'][string]>): readonly Problem[] {
  const saysOf = (wrong: boolean, name: string, message: string, expected: string) =>
    says(wrong, `${section}.${name}`, `${section}.${name} ${message}.`, expected)
  const { kind, url = '', secret = '' } = each
  const isUrl = HTTP.test(url) && URL.canParse(url)
  return [
    ...saysOf(kind === undefined, 'kind', 'is missing', 'judge, witness or asynchronous'),
    ...saysOf(!isUrl, 'url', url === '' ? 'is missing' : 'is no URL', 'https://...'),
    ...saysOf(
      !SIGNING.test(secret),
      'secret',
      secret === '' ? 'is missing' : 'signs nothing',
      'whsec_ or whsk_ and base64',
    ),
  ]
}
