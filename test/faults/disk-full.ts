/**
 * A database on a small disk of its own that is filled by publishing, then freed.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Answer, type Api, apiOf, publish, subscribe } from './client.js'
import { type Instance, initInstance, makeFolder, removeFolder, type ServeOptions, serve } from './instance.js'
import { compare, type Verdict } from './oracle.js'
import { until } from './random.js'
import { openReceiver, type Receiver } from './receiver.js'

const MIB = 1_048_576

export interface FullDiskReport {
  readonly promised: number
  /** The first answers that were no 2xx. */
  readonly refusals: readonly { readonly status: number; readonly code: unknown }[]
  /** The status of reading one event and a page of them while the disk is full. */
  readonly reads: readonly number[]
  readonly verdict: Verdict
  readonly exitCode: number | null
  /** Promised, and not there after a restart. */
  readonly missing: readonly string[]
}

/** @param mebibytes the size of the disk; half of it is in use by something else that can go. */
export async function fillDisk(mebibytes: number): Promise<FullDiskReport> {
  const folder = makeFolder()
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  mkdirSync(join(folder, 'instance'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes * 1024}k`, 'tmpfs', disk])
  const receiver = await openReceiver()
  try {
    const instance = await initInstance(join(folder, 'instance'))
    cpSync(join(instance.folder, 'tocsin.db'), join(disk, 'tocsin.db'))
    writeFileSync(join(disk, 'ballast'), Buffer.alloc((mebibytes * MIB) / 2))
    return await run(instance, disk, receiver)
  } finally {
    await receiver.close()
    execFileSync('umount', ['--lazy', disk])
    removeFolder(folder)
  }
}

async function run(instance: Instance, disk: string, receiver: Receiver): Promise<FullDiskReport> {
  const options: ServeOptions = { set: { database: join(disk, 'tocsin.db'), 'delivery.lease': 1_000 } }
  const server = await serve(instance, options)
  const api = apiOf(server, instance)
  await subscribe(api, `${receiver.url}/`, { retry: { attempts: 100, firstDelay: 10, maxDelay: 100 } })
  const filled = await fill(api)
  const reads = await Promise.all(
    ['/v1/events/full.1', '/v1/events?limit=10'].map(async (path) => (await api.call('GET', path)).status),
  )
  rmSync(join(disk, 'ballast'))
  const promised = [...filled.promised, ...(await goOn(api, filled.next))]
  await until('all that was promised comes', () => promised.every((id) => receiver.took('/', id))).catch(
    () => undefined,
  )
  const exitCode = await server.stop()
  const missing = await missingAfterRestart(instance, options, promised)
  const { refusals } = filled
  return { promised: promised.length, refusals, reads, verdict: compare(promised, receiver.ledger), exitCode, missing }
}

/** So much at most is published: several times what the small disk holds. */
const MOST = 400
const NOTE = 'x'.repeat(12_000)

const publishNext = (api: Api, number: number): Promise<Answer> =>
  publish(api, { id: `full.${number}`, subject: 'full', note: NOTE })

async function fill(api: Api) {
  const promised: string[] = []
  const refusals: { status: number; code: unknown }[] = []
  let number = 1
  while (number <= MOST && refusals.length < 5) {
    const { status, json } = await publishNext(api, number)
    if (status < 300) promised.push(`full.${number}`)
    else refusals.push({ status, code: json.code })
    number += 1
  }
  return { promised, refusals, next: number }
}

/** @throws when it does not accept again in time */
async function goOn(api: Api, from: number): Promise<readonly string[]> {
  let number = from
  await until('it accepts again', async () => (await publishNext(api, number++)).status === 202)
  const more = Array.from({ length: 5 }, (_, index) => number + index)
  for (const each of more) if ((await publishNext(api, each)).status !== 202) throw new Error(`${each} was refused.`)
  return [number - 1, ...more].map((each) => `full.${each}`)
}

async function missingAfterRestart(instance: Instance, options: ServeOptions, promised: readonly string[]) {
  const server = await serve(instance, options)
  const api = apiOf(server, instance)
  const found = await Promise.all(promised.map(async (id) => (await api.call('GET', `/v1/events/${id}`)).status))
  await server.stop()
  return promised.filter((_, index) => found[index] !== 200)
}
