/**
 * A copy of the database made while the server is published to, and an instance restored from it.
 */
import { copyFileSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Api, apiOf, PublishingClient } from './client.js'
import { type Instance, initInstance, makeFolder, removeFolder, serve, tocsin } from './instance.js'
import { pause, until } from './random.js'

export interface BackupReport {
  /** Ids answered 2xx before the copy began. */
  readonly promisedBefore: readonly string[]
  /** Ids of the restored instance, and their sequences, oldest first. */
  readonly copied: readonly string[]
  readonly sequences: readonly number[]
  /** Of the first instance and of the restored one. */
  readonly epochs: readonly [unknown, unknown]
}

type Copy = (instance: Instance, file: string) => Promise<void>

export async function backupByCommand(instance: Instance, file: string): Promise<void> {
  const { code, err } = await tocsin(instance.folder, 'backup', file)
  if (code !== 0) throw new Error(`tocsin backup failed: ${err}`)
}

/** Control: the file as it lies there, without what is still in its log. */
export async function copyOfFile(instance: Instance, file: string): Promise<void> {
  copyFileSync(join(instance.folder, 'tocsin.db'), file)
}

/** One instance, copied so many times while it is published to without a pause. */
export async function backUpWhilePublishing(
  copies: number,
  copy: Copy = backupByCommand,
): Promise<readonly BackupReport[]> {
  const folder = makeFolder()
  try {
    const instance = await initInstance(folder)
    const server = await serve(instance)
    const api = apiOf(server, instance)
    const client = new PublishingClient(8)
    let going = true
    const publishing = client.publish(api, () => going)
    const reports: BackupReport[] = []
    for (let number = 0; number < copies; number++) {
      const before = client.promised.ids.length
      await until('more is published', () => client.promised.ids.length > before + 20)
      const promisedBefore = [...client.promised.ids]
      const file = join(folder, `copy-${number}.db`)
      await copy(instance, file)
      await pause(50)
      reports.push({ promisedBefore, ...(await restored(instance, file, await epochOf(api))) })
    }
    going = false
    await publishing
    await server.stop()
    return reports
  } finally {
    removeFolder(folder)
  }
}

/** In a folder of its own, with the settings and the sealing key of the first. */
async function restored({ folder, key }: Instance, file: string, epoch: unknown) {
  const place = makeFolder()
  try {
    for (const name of ['tocsin.yaml', 'sealing.key']) cpSync(join(folder, name), join(place, name))
    const { code, err } = await tocsin(place, 'restore', file)
    if (code !== 0) throw new Error(`tocsin restore failed: ${err}`)
    const server = await serve({ folder: place })
    const api = apiOf(server, { key })
    const events = await allEvents(api)
    const epochs = [epoch, await epochOf(api)] as const
    await server.stop()
    return {
      copied: events.map(({ event }) => event.id),
      sequences: events.map(({ sequence }) => Number(sequence)),
      epochs,
    }
  } finally {
    rmSync(file, { force: true })
    removeFolder(place)
  }
}

const epochOf = async (api: Api): Promise<unknown> => {
  const { json } = await api.call('GET', '/v1/health')
  return (json.store as { epoch?: unknown }).epoch
}

interface Listed {
  readonly event: { readonly id: string }
  readonly sequence: string
}

/** Oldest first. */
async function allEvents(api: Api): Promise<readonly Listed[]> {
  const found: Listed[] = []
  for (let cursor = ''; ; ) {
    const { json } = await api.call('GET', `/v1/events?limit=1000${cursor}`)
    found.push(...(json.items as Listed[]))
    if (typeof json.next !== 'string') return found.reverse()
    cursor = `&cursor=${encodeURIComponent(json.next)}`
  }
}
