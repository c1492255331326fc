/**
 * pg-boss: four workers that take 500 at a time and look again at once when they got as many (`notifyWorker`);
 * otherwise twice a second, as often as it looks.
 */
import type { PostgresAddress } from '../../../test/services/postgres.js'
import type { Contender } from '../contender.js'
import type { Job } from '../job.js'
import { inDatabaseOr } from '../postgres.js'
import { load, titleOf } from './packages.js'

interface Boss {
  on(event: 'error', listener: (error: Error) => void): void
  start(): Promise<unknown>
  stop(options: { graceful: boolean; timeout: number }): Promise<void>
  createQueue(name: string): Promise<void>
  send(name: string, data: object, options: { priority: number }): Promise<string | null>
  insert(jobs: readonly { name: string; data: object; priority: number }[]): Promise<unknown>
  work(
    name: string,
    options: { batchSize: number; pollingIntervalSeconds: number },
    handler: (jobs: readonly { readonly data: Job }[]) => Promise<void>,
  ): Promise<string>
  notifyWorker(id: string): void
  getQueueSize(name: string, options: { before: 'completed' }): Promise<number>
}

const NAME = 'bench'
const WORKERS = 4
const BATCH = 500

export const pgBoss = (server: PostgresAddress): Contender => ({
  name: `${titleOf('pg-boss')} (networked, PostgreSQL ${server.version})`,
  recipe: { queue: 'pg-boss', server },
  use: (work, url) =>
    inDatabaseOr(url, server, async (connectionString) => {
      const Boss = load<new (options: object) => Boss>('pg-boss')
      const boss = new Boss({ connectionString, max: 20 })
      boss.on('error', (error) => console.error(error.message))
      await boss.start()
      await boss.createQueue(NAME)
      try {
        return await work({
          enqueue: (job) => boss.send(NAME, job, { priority: priorityOf(job) }),
          enqueueMany: (jobs) => boss.insert(jobs.map((job) => ({ name: NAME, data: job, priority: priorityOf(job) }))),
          work: async (run) => {
            for (let index = 0; index < WORKERS; index++) await addWorker(boss, run)
          },
          unfinished: () => boss.getQueueSize(NAME, { before: 'completed' }),
        })
      } finally {
        await boss.stop({ graceful: false, timeout: 1_000 })
      }
    }),
})

const priorityOf = ({ priority }: Job): number => (priority === 'high' ? 1 : 0)

async function addWorker(boss: Boss, run: (number: number) => void): Promise<void> {
  const id = await boss.work(NAME, { batchSize: BATCH, pollingIntervalSeconds: 0.5 }, async (jobs) => {
    for (const { data } of jobs) run(data.data.number)
    if (jobs.length === BATCH) boss.notifyWorker(id)
  })
}
