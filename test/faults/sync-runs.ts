/**
 * Runs of a traced server: is what it acknowledged on the disk, and what does it do when the disk fails?
 */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { type Api, apiOf, publish } from './client.js'
import { type Instance, initInstance, makeFolder, removeFolder, type Server, serve, startServer } from './instance.js'
import { pause } from './random.js'
import { type Acknowledgements, acknowledgements, CARELESS, injected, traced, traceEnds } from './sync-trace.js'

export const range = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index)

async function inNewInstance<Result>(run: (instance: Instance) => Promise<Result>): Promise<Result> {
  const folder = makeFolder()
  try {
    return await run(await initInstance(folder))
  } finally {
    removeFolder(folder)
  }
}

// -------------------------------------------------------------------------------------------- acknowledgements

export interface AckOptions {
  readonly acks: number
  readonly callers: number
  /** Control: the store does not sync, and believes it does. */
  readonly careless?: boolean
}

const ID = /ack-\d{6}/g
const idOf = (number: number): string => `ack-${String(number).padStart(6, '0')}`

/** A thread of the store's own starts without what its host loaded first, so the control runs on the main one. */
const carelessly = (careless: boolean) => (careless ? { preload: [CARELESS], set: { 'store.thread': 'main' } } : {})

export const acknowledgedAfterSync = ({ acks, callers, careless = false }: AckOptions): Promise<Acknowledgements> =>
  inNewInstance(async (instance) => {
    const file = join(instance.folder, 'trace')
    const server = await serve(instance, { under: traced(file), ...carelessly(careless) })
    const api = apiOf(server, instance)
    const numbers = range(acks).values()
    await Promise.all(range(callers).map(() => publishEach(api, numbers)))
    await server.kill()
    await traceEnds(file)
    return acknowledgements(file, ID)
  })

async function publishEach(api: Api, numbers: Iterator<number> & Iterable<number>): Promise<void> {
  for (const number of numbers) {
    const { status } = await publish(api, { id: idOf(number), subject: `s${number % 7}` })
    if (status !== 202) throw new Error(`${idOf(number)} was answered ${status}.`)
  }
}

// -------------------------------------------------------------------------------------------- failing syncs

export interface SyncFailure {
  /** The sync that fails first, counted from the start of each thread. */
  readonly failing: number
  /** Syncs that were made to fail. */
  readonly injected: number
  /** The server never listened. */
  readonly refusedToStart: boolean
  /** Of what it said then. */
  readonly lastWords: string
  /** Its exit code, of itself or after SIGTERM. */
  readonly ended: number | null | 'not at all'
  /** Answered 2xx before the first failure. */
  readonly promised: readonly string[]
  /** The answers of requests made after the first 503. */
  readonly after: readonly { readonly status: number; readonly code: unknown }[]
  /** Of reading a promised event after the first 503. */
  readonly read: number | null
  readonly ready: number | null
  /** After a restart: what is missing of what was promised, and the answer to one more. */
  readonly missing: readonly string[]
  readonly next: number
}

const AT_MOST = 60

/** Half of the disks fail for good. The others only once: nothing is accepted after that all the same. */
const isOnce = (failing: number): boolean => failing % 2 === 1

export interface FailingOptions {
  /** Which syncs are the first to fail, each in a run of its own. */
  readonly at: readonly number[]
  readonly careless?: boolean
  readonly each: (report: SyncFailure) => void
}

/** Each run on a copy of one instance. */
export const failingSyncs = ({ at, careless = false, each }: FailingOptions): Promise<void> =>
  inNewInstance(async ({ folder, key }) => {
    for (const failing of at) {
      const copy = makeFolder()
      cpSync(folder, copy, { recursive: true })
      try {
        each(await failingSync({ folder: copy, key }, failing, careless))
      } finally {
        removeFolder(copy)
      }
    }
  })

async function failingSync(instance: Instance, failing: number, careless: boolean): Promise<SyncFailure> {
  const file = join(instance.folder, 'trace')
  const options = {
    under: traced(file, `error=EIO:when=${failing}${isOnce(failing) ? '' : '+'}`),
    ...carelessly(careless),
  }
  const starting = startServer(instance, options)
  const server = await starting.listening().catch(() => null)
  const during = server ? await failWhilePublishing(server, instance) : NEVER_STARTED
  const ended = await Promise.race([starting.stop(), pause(20_000).then(() => 'not at all' as const)])
  await starting.kill()
  await traceEnds(file)
  const { err, out } = starting.heard()
  const { promised } = during
  return {
    ...during,
    failing,
    injected: injected(file),
    refusedToStart: server === null,
    lastWords: err + out,
    ended,
    ...(await recovered(instance, promised)),
  }
}

const NEVER_STARTED = { promised: [], after: [], read: null, ready: null }

async function failWhilePublishing(server: Server, instance: Instance) {
  const api = apiOf(server, instance)
  const promised: string[] = []
  let failed = false
  for (let number = 0; number < AT_MOST && !failed; number++) {
    const answers = await burst(api, `b${number}`)
    promised.push(...answers.filter(({ status }) => status < 300).map(({ id }) => id))
    failed = answers.some(({ status }) => status === 503)
  }
  const after = failed ? [...(await burst(api, 'c')), ...(await burst(api, 'd'))] : []
  const [first] = promised
  const read = first === undefined ? null : (await api.call('GET', `/v1/events/${first}`)).status
  const ready = (await api.call('GET', '/readyz')).status
  return { promised, after, read, ready }
}

/** Three at once, so that commits are shared. */
const burst = (api: Api, name: string) =>
  Promise.all(
    range(3).map(async (number) => {
      const id = `${name}.${number}`
      const { status, json } = await publish(api, { id, subject: `s${number}` })
      return { id, status, code: json.code }
    }),
  )

async function recovered(instance: Instance, promised: readonly string[]) {
  const server = await serve(instance)
  const api = apiOf(server, instance)
  const found = await Promise.all(promised.map(async (id) => (await api.call('GET', `/v1/events/${id}`)).status))
  const next = (await publish(api, { id: 'next', subject: 's0' })).status
  await server.stop()
  return { missing: promised.filter((_, index) => found[index] !== 200), next }
}
