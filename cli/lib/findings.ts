/**
 * What `tocsin doctor` looks at. Each check answers a finding; none stops the others.
 */
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Config, inspectDatabase, isPostgres, messageOf, parseKeyRing, withoutPassword } from '../../src/index.js'
import { Client } from './client.js'
import { damageIn, epochOf, reading } from './database.js'
import { endpointOf } from './endpoint.js'
import { Failure, factsOf, inOneLine } from './failure.js'
import type { Io } from './io.js'
import { type SettingOptions, settingsOf } from './settings.js'
import { at } from './table.js'
import { count, safe } from './text.js'

export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly name: string
  readonly text: string
  /** What to do. */
  readonly advice?: string
}

const ok = (name: string, text: string): Finding => ({ level: 'ok', name, text })
const warn = (name: string, text: string, advice: string): Finding => ({ level: 'warn', name, text, advice })
const fail = (name: string, text: string, advice: string): Finding => ({ level: 'fail', name, text, advice })

export async function* checks(io: Io, options: SettingOptions): AsyncGenerator<Finding> {
  yield node(process.versions.node)
  const settings = await settingsOf(options, io).catch((error: unknown) => error)
  if (isLoaded(settings)) {
    yield ok('settings', settings.file === null ? 'no file; defaults and the environment' : settings.file)
    yield sealingKey(settings.config)
    yield await database(settings.config)
    // The disk of a PostgreSQL is watched where that runs.
    if (!isPostgres(settings.config.database)) yield disk(settings.config)
    if (settings.config.files.root !== undefined) yield files(settings.config.files.root)
  } else
    yield fail(
      'settings',
      inOneLine(factsOf(settings)),
      'correct it; docs/reference/configuration.md lists every setting',
    )
  yield* server(io, options)
}

const isLoaded = (settings: unknown): settings is { config: Config; file: string | null } =>
  at(settings, 'config') !== undefined

/** Node 20 gets no security fixes since 2026-04-30; below 20.19 nothing is tested. */
export function node(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) return fail('node', `Node ${version} is too old`, 'install Node 24')
  if (major < 22) return warn('node', `Node ${version} gets no security fixes any more`, 'install Node 24')
  return ok('node', `Node ${version}`)
}

function sealingKey({ sealing }: Config): Finding {
  if (sealing.key !== undefined)
    return warn('sealing', 'the key is given as a setting', 'put it into a file of its own: sealing.keyFile')
  const file = sealing.keyFile
  if (file === undefined)
    return fail('sealing', 'there is no sealing key', 'set sealing.keyFile; `tocsin init` makes one')
  if (!existsSync(file))
    return fail('sealing', `${file} is not there`, 'bring it back from your copy: without it no secret can be opened')
  if ((statSync(file).mode & 0o077) !== 0) return warn('sealing', `others can read ${file}`, `chmod 600 ${file}`)
  return keyRing(file)
}

function keyRing(file: string): Finding {
  try {
    const { keys } = parseKeyRing(readFileSync(file, 'utf8'))
    return ok('sealing', `${file} holds ${keys.size === 1 ? 'one key' : `${keys.size} keys`}`)
  } catch (error) {
    return fail('sealing', `${file}: ${messageOf(error)}`, 'bring it back from your copy')
  }
}

async function database(config: Config): Promise<Finding> {
  const file = config.database
  if (isPostgres(file)) return postgres(config)
  if (file === 'memory')
    return warn('database', 'kept in memory: nothing outlives the process', 'set database to a file')
  if (!existsSync(file)) return warn('database', `${file} is not there yet`, 'tocsin init, or tocsin serve')
  try {
    return reading(file, (connection) => {
      const damage = damageIn(connection)
      if (damage !== null)
        return fail('database', `${file} is damaged. ${damage}`, 'restore the last backup: tocsin restore FILE --force')
      const mode = String(at(connection.prepare('PRAGMA journal_mode').get(), 'journal_mode'))
      if (mode !== 'wal')
        return warn('database', `${file} is whole, its journal is ${mode}`, 'start the server once: it sets WAL')
      return ok('database', `${file} is whole, journal ${mode}, epoch ${epochOf(connection)}`)
    })
  } catch (error) {
    return fail('database', messageOf(error), 'check that this account may read the file and its folder')
  }
}

async function postgres({ database: url, store }: Config): Promise<Finding> {
  const place = safe(withoutPassword(url))
  try {
    const { postgres: server, schema, version, epoch } = await inspectDatabase(url, store)
    if (version === 0)
      return warn('database', `${place} has no instance in its schema ${schema} yet`, 'tocsin serve makes it')
    return ok('database', `${place} is PostgreSQL ${server}, schema ${schema} at version ${version}, epoch ${epoch}`)
  } catch (error) {
    return fail('database', `${place}: ${inOneLine(factsOf(error))}`, 'see that the server runs and lets this user in')
  }
}

const GIB = 1_073_741_824

function disk({ database: file }: Config): Finding {
  const folder = file === 'memory' ? '.' : dirname(file)
  if (!existsSync(folder)) return fail('disk', `${folder} is not there`, 'create it, or set database to another place')
  const { bavail, bsize } = statfsSync(folder)
  const free = bavail * bsize
  const text = `${count(free / 1_048_576)} MiB free at ${folder}`
  if (free < GIB / 8) return fail('disk', text, 'make room: when it is full nothing more is accepted')
  return free < GIB ? warn('disk', text, 'make room soon') : ok('disk', text)
}

/** It is not made: a disk that is not mounted must not be written beside. */
export function files(root: string): Finding {
  try {
    accessSync(root, constants.W_OK | constants.X_OK)
    if (statSync(root).isDirectory()) return ok('files', `${root} can be written to`)
    return fail('files', `${root} is no folder`, 'set files.root to a folder')
  } catch (error) {
    return fail('files', messageOf(error), 'make the folder files.root, or mount it, for the account of the server')
  }
}

async function* server(io: Io, options: SettingOptions): AsyncGenerator<Finding> {
  let client: Client | null = null
  try {
    const endpoint = endpointOf(options, io)
    client = new Client(endpoint)
    yield* asked(client, endpoint.server, endpoint.key !== null, io)
  } catch (error) {
    yield fail('server', inOneLine(factsOf(error)), 'tocsin serve, or --server URL')
  } finally {
    await client?.close()
  }
}

async function* asked(client: Client, url: string, withKey: boolean, io: Io): AsyncGenerator<Finding> {
  const alive = await client.open('GET', '/healthz')
  await alive.body.dump()
  const ready = await client.call('GET', '/readyz').catch((error: unknown) => error)
  yield ready instanceof Failure
    ? fail('server', `${url} answers but accepts nothing`, 'see its log')
    : ok('server', `${url} accepts events`)
  yield clock(String(alive.headers.date ?? ''), io.now())
  yield withKey ? await key(client) : warn('key', 'no key was given', 'tocsin login, TOCSIN_KEY or --key')
  if (withKey) yield* sync(client)
  if (withKey) yield* inbox(client, io.now())
  if (withKey) yield* nodes(client)
  if (withKey) yield* plugins(client)
  if (withKey) yield* partitions(client, io.now())
  if (withKey) yield* captures(client)
}

/** HTTP dates have whole seconds (RFC 9110, section 5.6.7). */
export function clock(date: string, now: number): Finding {
  const skew = Math.round((now - Date.parse(date)) / 1000)
  if (Number.isNaN(skew))
    return warn('clock', 'the server does not tell its time', 'see that it is Tocsin that answers there')
  if (Math.abs(skew) <= 5) return ok('clock', 'this machine and the server agree')
  return warn(
    'clock',
    `${Math.abs(skew)} s apart from the server's`,
    'set both by NTP: signatures carry the time and receivers refuse old ones',
  )
}

async function key(client: Client): Promise<Finding> {
  try {
    await client.call('GET', '/v1/types')
    return ok('key', 'the server takes it')
  } catch (error) {
    return fail('key', inOneLine(factsOf(error)), 'tocsin keys create, then tocsin login')
  }
}

/** Milliseconds: what a host has committed is an event within a second, as a rule. */
const LONG_PENDING = 60_000

/** Of the key's tenant, if it sees all of it. */
async function* inbox(client: Client, now: number): AsyncGenerator<Finding> {
  const page = await client.call('GET', '/v1/inbox', { query: { state: 'pending', limit: 1 } }).catch(() => null)
  if (page !== null) yield pending(at(page, 'items.0.receivedAt'), now)
}

export function pending(oldest: unknown, now: number): Finding {
  const seconds = typeof oldest === 'string' ? Math.round((now - Date.parse(oldest)) / 1000) : 0
  if (seconds * 1000 < LONG_PENDING) return ok('inbox', 'what hosts committed is admitted')
  return warn('inbox', `an entry has been pending for ${seconds} s`, 'see the log of the server, and tocsin inbox list')
}

/** Who shares the database; only operators may ask. */
async function* nodes(client: Client): AsyncGenerator<Finding> {
  const page = await client.call('GET', '/v1/nodes').catch(() => null)
  const items = at(page, 'items')
  if (Array.isArray(items)) yield nodesOf(items)
}

export function nodesOf(items: readonly unknown[]): Finding {
  const lost = items.filter((item) => at(item, 'state') === 'lost').map((item) => String(at(item, 'id')))
  const versions = new Set(items.map((item) => String(at(item, 'version'))))
  const all = items.length === 1 ? 'one node' : `${count(items.length)} nodes`
  if (lost.length > 0)
    return warn('nodes', `${all}, not heard of: ${lost.join(', ')}`, 'others took over; see what became of it')
  if (versions.size > 1)
    return warn('nodes', `${all} of the versions ${[...versions].sort().join(', ')}`, 'end the upgrade')
  return ok('nodes', all)
}

/** Those of the configuration, if there are any and the key may ask. */
async function* plugins(client: Client): AsyncGenerator<Finding> {
  const page = await client.call('GET', '/v1/plugins').catch(() => null)
  const items = at(page, 'items')
  const configured = Array.isArray(items) ? items.filter((item) => at(item, 'origin') === 'configuration') : []
  if (configured.length > 0) yield pluginsOf(configured)
}

export function pluginsOf(items: readonly unknown[]): Finding {
  const told = (item: unknown) => `${at(item, 'entry')} ${at(item, 'module')}`
  const broken = items.filter((item) => at(item, 'state') === 'broken')
  const limping = items.filter((item) => at(item, 'state') !== 'running' || at(item, 'error') !== null)
  if (broken.length > 0)
    return fail('plugins', `not loaded: ${broken.map(told).join(', ')}`, 'tocsin plugins list tells why')
  if (limping.length > 0)
    return warn('plugins', `not as they should be: ${limping.map(told).join(', ')}`, 'tocsin plugins list tells why')
  return ok('plugins', items.length === 1 ? 'the one of the configuration runs' : `all ${items.length} run`)
}

/** Of PostgreSQL; only operators may ask. */
async function* partitions(client: Client, now: number): AsyncGenerator<Finding> {
  const page = await client.call('GET', '/v1/partitions').catch(() => null)
  const items = at(page, 'items')
  if (Array.isArray(items) && items.length > 0) yield partitionsOf(items, now)
}

/** The last has no end: what is made ahead ends where it begins. */
export function partitionsOf(items: readonly unknown[], now: number): Finding {
  const last = items.find((item) => at(item, 'table') === 'events' && at(item, 'until') === null)
  const ahead = at(last, 'from')
  return Date.parse(String(ahead)) > now
    ? ok('partitions', `made ahead until ${String(ahead)}`)
    : warn('partitions', 'none is made ahead', 'nothing is refused, but retention takes rows one by one: see the log')
}

/** Of the key's tenant, if there are any and the key may ask. */
async function* captures(client: Client): AsyncGenerator<Finding> {
  const page = await client.call('GET', '/v1/captures').catch(() => null)
  const items = at(page, 'items')
  if (Array.isArray(items) && items.length > 0) yield capturesOf(items)
}

export function capturesOf(items: readonly unknown[]): Finding {
  const told = (item: unknown) => `${at(item, 'name')} (${at(item, 'code') ?? at(item, 'state')})`
  const held = items.filter((item) => at(item, 'state') === 'held' || at(item, 'state') === 'ended')
  const waiting = items.filter((item) => at(item, 'state') === 'waiting')
  if (held.length > 0)
    return fail(
      'captures',
      `nothing more is told of ${held.map(told).join(', ')}`,
      'tocsin capture status NAME says why',
    )
  if (waiting.length > 0)
    return warn('captures', `not reading: ${waiting.map(told).join(', ')}`, 'tocsin capture status NAME says why')
  return ok('captures', items.length === 1 ? 'the one there is reads on' : `all ${items.length} read on`)
}

/** How the server's own connection syncs; only operators may ask. */
async function* sync(client: Client): AsyncGenerator<Finding> {
  const health = await client.call('GET', '/v1/health').catch(() => null)
  const mode = ['synchronous', 'synchronous_commit']
    .flatMap((name) => [at(health, `store.details.${name}`), at(health, `details.${name}`)])
    .find((value) => value !== undefined)
  if (mode === undefined) return
  yield ['full', '2', 'on', 'remote_apply'].includes(String(mode).toLowerCase())
    ? ok('sync', 'every acknowledgement waits for the disk')
    : fail(
        'sync',
        `the database runs with synchronous=${mode}`,
        'restart the server; a power cut could lose what was acknowledged',
      )
}
