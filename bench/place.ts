/**
 * A folder that is gone when the measurement is over, and what all measurements open in it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHub, type Hub } from './tocsin.js'

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  // Somebody may stop the bench in the middle.
  process.once('exit', remove)
  try {
    return await work(folder)
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** A hub as `tocsin serve` has it, on a new file; it may send to the loopback, and write files into the folder. */
export const withHub = <T>(work: (hub: Hub, folder: string) => Promise<T>): Promise<T> =>
  inFolder((folder) => withHubOn(join(folder, 'bench.db'), (hub) => work(hub, folder), folder))

/** The same on any database. */
export async function withHubOn<T>(database: string, work: (hub: Hub) => Promise<T>, files?: string): Promise<T> {
  const hub = await createHub({
    database,
    config: {
      log: { level: 'silent' },
      egress: { allow: ['127.0.0.0/8'], allowHttp: true },
      sealing: { key: Buffer.alloc(32, 'bench').toString('base64') },
      delivery: { workers: 100 },
      ...(files !== undefined && { files: { root: files } }),
    },
  })
  try {
    return await work(hub)
  } finally {
    await hub.close()
  }
}

/** `callers` loops that share `count` pieces of work, each waiting for its own before the next; pieces per second. */
export async function perSecond(
  count: number,
  callers: number,
  work: (index: number) => Promise<unknown>,
): Promise<number> {
  let next = 0
  const caller = async () => {
    while (next < count) await work(next++)
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: callers }, caller))
  return (count / (performance.now() - started)) * 1_000
}
