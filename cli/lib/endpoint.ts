/**
 * Which server a command speaks to and with which key: flags, then the environment, then `~/.config/tocsin/cli.yaml`.
 */
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Endpoint } from './client.js'
import { UsageError } from './failure.js'
import type { Io } from './io.js'
import { at } from './table.js'
import { yaml } from './yaml.js'

export interface GlobalOptions {
  readonly server?: string
  readonly key?: string
  readonly tenant?: string
  readonly config?: string
  readonly json?: true
}

const USUAL_SERVER = 'http://127.0.0.1:7300'

/** Where `tocsin login` keeps server and key (XDG Base Directory Specification). */
export const loginFile = (io: Io): string =>
  join(io.environment.XDG_CONFIG_HOME ?? join(io.home, '.config'), 'tocsin', 'cli.yaml')

/**
 * @throws UsageError for a server that is no http URL, or a login file that others can read.
 */
export function endpointOf(options: GlobalOptions, io: Io): Endpoint {
  const login = readLogin(loginFile(io))
  const server = options.server ?? io.environment.TOCSIN_SERVER ?? login.server ?? USUAL_SERVER
  const key =
    options.key ??
    io.environment.TOCSIN_KEY ??
    (originOf(login.server ?? USUAL_SERVER) === originOf(server) ? login.key : null)
  return { server: originOf(server), key: keyOf(key), tenant: options.tenant ?? null }
}

/** @throws UsageError */
function originOf(server: string): string {
  const url = URL.canParse(server) ? new URL(server) : null
  if (url && (url.protocol === 'http:' || url.protocol === 'https:') && url.pathname === '/') return url.origin
  throw new UsageError(
    `The server ${JSON.stringify(server)} is not a server's address.`,
    'a URL such as http://127.0.0.1:7300',
  )
}

/** A key goes into a header: printable ASCII alone. */
function keyOf(key: string | null): string | null {
  if (key === null || /^[\x21-\x7e]{1,512}$/.test(key)) return key
  throw new UsageError(
    'The key has characters no key has (it is not shown).',
    'the key as `tocsin keys create` printed it',
  )
}

interface Login {
  readonly server: string | null
  readonly key: string | null
}

function readLogin(file: string): Login {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode
  if (mode === undefined) return { server: null, key: null }
  if ((mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw new UsageError(`${file} holds a key and others can read it.`, `mode 0600: chmod 600 ${file}`)
  }
  const content: unknown = yaml().parse(readFileSync(file, 'utf8'))
  return { server: textAt(content, 'server', file), key: textAt(content, 'key', file) }
}

function textAt(content: unknown, name: string, file: string): string | null {
  const value = at(content, name)
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return value
  throw new UsageError(`${name} in ${file} is not a text.`, 'a text')
}

/** Keeps server and key for the commands to come, readable by this person alone. */
export function writeLogin(file: string, login: { server: string; key: string }): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(file, yaml().stringify(login), { mode: 0o600 })
  chmodSync(file, 0o600)
}
