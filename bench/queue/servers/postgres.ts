/**
 * A PostgreSQL of the bench's own, as durable as it comes (`fsync` and `synchronous_commit` on), with more memory and
 * log than it takes by default.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from '../peers/packages.js'
import { afterInstalling } from './debian.js'
import { type Place, type Server, start } from './server.js'

export interface PostgresAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  /** Such as `15.18`. */
  readonly version: string
}

type Login = Omit<PostgresAddress, 'version'>

const USER = 'bench'
const VERSIONS = '/usr/lib/postgresql'

export async function startPostgres(): Promise<Server<PostgresAddress>> {
  const folder = programs() ?? afterInstalling('postgresql', programs)
  if (folder === null) throw new Error('There is no PostgreSQL here.')
  const { close, ...place } = await start('postgres', (place) => initialised(folder, place), isOurs)
  const login = loginTo(place)
  const version = String(await asked(login, 'SHOW server_version')).split(' ')[0] ?? ''
  return { address: { ...login, version }, close }
}

/** Where the newest one is. */
function programs(): string | null {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one)) : []
  return (
    versions.map((version) => join(VERSIONS, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb'))) ?? null
  )
}

function initialised(programs: string, { folder, port, password, user }: Place) {
  const data = join(folder, 'data')
  const secret = join(folder, 'password')
  writeFileSync(secret, password)
  const options = [`--pgdata=${data}`, `--username=${USER}`, '--auth=scram-sha-256', `--pwfile=${secret}`]
  const more = ['--encoding=UTF8', '--locale=C']
  execFileSync(join(programs, 'initdb'), [...options, ...more], { cwd: folder, ...user, stdio: 'pipe' })
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    shared_buffers: '1GB',
    max_wal_size: '8GB',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  return { command: join(programs, 'postgres'), args: ['-D', data, ...args] }
}

const loginTo = ({ port, password }: Place): Login => ({ host: '127.0.0.1', port, user: USER, password })

interface Client {
  connect(): Promise<void>
  query(text: string): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>
  end(): Promise<void>
}

/** Nobody else knows the password, and nobody else has this folder. */
async function isOurs(place: Place): Promise<void> {
  const directory = await asked(loginTo(place), 'SHOW data_directory')
  if (directory !== join(place.folder, 'data')) throw new Error(`Another server answers on port ${place.port}.`)
}

/** The first value of the answer. */
async function asked({ host, port, user, password }: Login, query: string): Promise<unknown> {
  const { Client } = load<{ Client: new (options: object) => Client }>('pg')
  const client = new Client({ host, port, user, password, database: 'postgres' })
  await client.connect()
  try {
    const { rows } = await client.query(query)
    return Object.values(rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

let databases = 0

/** A new and empty database, gone afterwards. */
export async function inDatabase<Result>(
  address: PostgresAddress,
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const name = `bench_${process.pid}_${databases++}`
  const { host, port, user, password } = address
  await asked(address, `CREATE DATABASE ${name}`)
  try {
    return await work(`postgres://${user}:${password}@${host}:${port}/${name}`)
  } finally {
    await asked(address, `DROP DATABASE ${name} WITH (FORCE)`)
  }
}
