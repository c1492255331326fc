/**
 * graphile-worker, tuned as its page on performance says: a local queue of 500, completions in batches, 24 at once.
 */
import { Pool } from 'pg'
import type { PostgresAddress } from '../../../test/services/postgres.js'
import type { Contender } from '../contender.js'
import type { Job } from '../job.js'
import { inDatabaseOr } from '../postgres.js'
import { load, titleOf } from './packages.js'

interface Spec {
  readonly priority: number
  /** Jobs of the same one run one after the other. */
  readonly queueName?: string
}

interface Database {
  query(text: string): Promise<{ readonly rows: readonly { readonly count: string }[] }>
}

interface Utils {
  migrate(): Promise<void>
  addJob(name: string, payload: object, spec: Spec): Promise<unknown>
  addJobs(jobs: readonly ({ identifier: string; payload: object } & Spec)[]): Promise<unknown>
  withPgClient<Result>(work: (client: Database) => Promise<Result>): Promise<Result>
  release(): Promise<void>
}

interface GraphileWorker {
  makeWorkerUtils(options: object): Promise<Utils>
  run(options: object): Promise<{ stop(): Promise<void> }>
  readonly Logger: new (factory: () => () => void) => unknown
}

const NAME = 'bench'

export const graphileWorker = (server: PostgresAddress): Contender => ({
  ...contender(server, 'networked', ({ priority }) => specOf(priority)),
  ordered: contender(server, 'a named queue for each subject, networked', ({ priority, subject }) => ({
    ...specOf(priority),
    queueName: subject,
  })),
})

const contender = (server: PostgresAddress, label: string, spec: (job: Job) => Spec): Contender => ({
  name: `${titleOf('graphile-worker')} (${label}, PostgreSQL ${server.version})`,
  recipe: { queue: 'graphile-worker', server },
  use: (work, url) =>
    inDatabaseOr(url, server, async (connectionString) => {
      const { makeWorkerUtils, run, Logger } = load<GraphileWorker>('graphile-worker')
      const logger = new Logger(() => () => undefined)
      const [enqueuing, working] = [pool(connectionString, 20), pool(connectionString, 30)]
      const utils = await makeWorkerUtils({ pgPool: enqueuing, logger })
      await utils.migrate()
      let runner: { stop(): Promise<void> } | undefined
      try {
        return await work({
          enqueue: (job) => utils.addJob(NAME, job, spec(job)),
          enqueueMany: (jobs) => utils.addJobs(jobs.map((job) => ({ identifier: NAME, payload: job, ...spec(job) }))),
          work: async (told) => {
            const task = async ({ data }: Job) => told(data.number)
            runner = await run({ taskList: { [NAME]: task }, pgPool: working, preset: presetOf(logger) })
          },
          unfinished: () => utils.withPgClient(remaining),
        })
      } finally {
        await runner?.stop()
        await utils.release()
        await Promise.all([enqueuing.end(), working.end()])
      }
    }),
})

/** Its own would let connections go on that nobody listens to, and be told of their end when the database is dropped. */
const pool = (connectionString: string, max: number): Pool =>
  new Pool({ connectionString, max }).on('error', ignored).on('connect', (client) => client.on('error', ignored))
const ignored = () => undefined

/** The lowest number first. */
const specOf = (priority: Job['priority']): Spec => ({ priority: priority === 'high' ? -1 : 0 })

const presetOf = (logger: unknown) => ({
  worker: {
    logger,
    concurrentJobs: 24,
    localQueue: { size: 500 },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
})

async function remaining(client: Database): Promise<number> {
  const { rows } = await client.query('SELECT count(*) FROM graphile_worker.jobs')
  return Number(rows[0]?.count)
}
