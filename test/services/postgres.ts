/**
 * A PostgreSQL of one's own, as durable as it comes (`fsync` and `synchronous_commit` on).
 */
import { execFileSync } from 'node:child_process'
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { type Launch, type OwnServer, type Place, type Server, start } from './server.js'

export interface PostgresAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Such as `15.18`. */
  readonly version: string
}

type Login = Omit<PostgresAddress, 'version'>

export type Postgres = Server<PostgresAddress> & Pick<OwnServer, 'folder' | 'pid' | 'stop' | 'start'>

/** Not the name of a user of the system: nobody gets in by that. */
const USER = 'tocsin_tests'

/**
 * @param programs the folder with `bin`, `lib` and `share`.
 * @param settings beside its own, such as `{ max_connections: 20 }`.
 * @param place prepares its folder before anything is in it, such as a small disk.
 * @param env what its process has beside ours.
 * @param parent where its folder lies, if not among the temporary ones.
 */
export async function startPostgres(
  programs: string,
  settings: Readonly<Record<string, string | number>> = {},
  place: (folder: string, user: Place['user']) => void = () => {},
  env: (folder: string) => Readonly<Record<string, string>> = () => ({}),
  parent?: string,
): Promise<Postgres> {
  const prepared = (at: Place) => {
    place(at.folder, at.user)
    return { ...initialised(programs, at, settings), env: env(at.folder) }
  }
  const server = await start('postgres', prepared, isOurs, parent)
  const login = loginTo(server)
  const version = (await asked(login, 'SHOW server_version')).split(' ')[0] ?? ''
  return { ...server, address: { ...login, version } }
}

function initialised(programs: string, place: Place, settings: Readonly<Record<string, string | number>>): Launch {
  const { folder, port, password, user } = place
  const bin = join(readable(programs, place), 'bin')
  const data = join(folder, 'data')
  const secret = join(folder, 'password')
  writeFileSync(secret, kept(password))
  const options = [`--pgdata=${data}`, `--username=${USER}`, '--auth=scram-sha-256', `--pwfile=${secret}`]
  const more = ['--encoding=UTF8', '--locale=C']
  execFileSync(join(bin, 'initdb'), [...options, ...more], { cwd: folder, ...user, stdio: 'pipe' })
  const all = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', ...settings }
  const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return { command: join(bin, 'postgres'), args: ['-D', data, ...args] }
}

/**
 * A password as the server keeps it, of one round instead of the usual 4,096: these slow down who guesses, and nobody guesses
 * one that is random, but each connection pays for them on both sides.
 */
function kept(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, 1, 32, 'sha256')
  const keyOf = (name: string) => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(keyOf('Client Key')).digest('base64')
  return `SCRAM-SHA-256$1:${salt.toString('base64')}$${stored}:${keyOf('Server Key').toString('base64')}`
}

/** What lies in a home directory only its owner can run: the server's user gets a copy. */
function readable(programs: string, { folder, user }: Place): string {
  if (user === undefined || programs.startsWith('/usr/')) return programs
  const copy = join(folder, 'programs')
  cpSync(programs, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}

const loginTo = ({ port, password }: Place): Login => ({ host: '127.0.0.1', port, user: USER, password })

/** Nobody else knows the password, and nobody else has this folder. */
async function isOurs(place: Place): Promise<void> {
  const directory = await asked(loginTo(place), 'SHOW data_directory')
  if (directory !== join(place.folder, 'data')) throw new Error(`Another server answers on port ${place.port}.`)
}

/** The first value of the answer, as text. */
export async function asked(login: Login, query: string): Promise<string> {
  const { host, port, user, password } = login
  const client = new Client({ host, port, user, password, database: 'postgres' })
  // Told by the promises too.
  client.on('error', () => undefined)
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(query)
    return String(Object.values(rows[0] ?? {})[0])
  } finally {
    await client.end()
  }
}

export interface Database {
  /** With name and password. */
  readonly url: string
  /** Whoever is connected is cut off. */
  drop(): Promise<void>
}

let databases = 0

/** A new and empty one. */
export async function createDatabase(address: PostgresAddress): Promise<Database> {
  const name = `tocsin_${process.pid}_${databases++}`
  const { host, port, user, password } = address
  await asked(address, `CREATE DATABASE ${name}`)
  return {
    url: `postgres://${user}:${password}@${host}:${port}/${name}`,
    drop: async () => void (await asked(address, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  }
}

/** A new and empty database, gone afterwards. */
export async function inDatabase<Result>(
  address: PostgresAddress,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const { url, drop } = await createDatabase(address)
  try {
    return await work(url)
  } finally {
    await drop()
  }
}
