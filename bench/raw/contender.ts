/**
 * The raw limit as a contender: what a queue that keeps its jobs and their ends can reach at all on the same store.
 */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresAddress } from '../../test/services/postgres.js'
import { inFolder } from '../place.js'
import type { Contender, Queue } from '../queue/contender.js'
import type { Job } from '../queue/job.js'
import { inDatabaseOr } from '../queue/postgres.js'
import { rawOnPostgres } from './postgres.js'
import { rawOnSqlite } from './sqlite.js'
import { type RawWork, rawJob } from './work.js'

export const rawSqlite: Contender = {
  name: 'raw limit (embedded, bare SQLite)',
  recipe: { queue: 'raw' },
  use: (work) => inFolder(async (folder) => inQueue(await rawOnSqlite(join(folder, 'raw.db')), work)),
}

export const rawPostgres = (server: PostgresAddress): Contender => ({
  name: `raw limit (networked, bare PostgreSQL ${server.version})`,
  recipe: { queue: 'raw-postgres', server },
  use: (work, url) => inDatabaseOr(url, server, async (database) => inQueue(await rawOnPostgres(database), work)),
})

/** Leased in one call. */
const BATCH = 500
const WORKERS = 2

async function inQueue<Result>(raw: RawWork, work: (queue: Queue) => Promise<Result>): Promise<Result> {
  let open = true
  let unfinished = 0
  const enqueue = (job: Job) => {
    unfinished += 1
    return raw.enqueue(rawJob(job))
  }
  async function worker(run: (number: number) => void): Promise<void> {
    while (open) {
      const leased = await raw.lease(BATCH)
      if (leased.length === 0) await sleep(1)
      for (const { body } of leased) run((JSON.parse(body) as Job).data.number)
      await Promise.all(leased.map(({ sequence }) => raw.finish(sequence)))
      unfinished -= leased.length
    }
  }
  let workers: readonly Promise<void>[] = []
  try {
    return await work({
      enqueue,
      enqueueMany: (jobs) => Promise.all(jobs.map(enqueue)),
      work: async (run) => {
        workers = Array.from({ length: WORKERS }, () => worker(run))
      },
      unfinished: async () => unfinished,
    })
  } finally {
    open = false
    await Promise.all(workers)
    await raw.close()
  }
}
