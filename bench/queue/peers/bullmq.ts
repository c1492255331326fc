/**
 * BullMQ: 100 at once, finished jobs are not kept. A job without a priority comes before all that have one.
 */
import type { Contender } from '../contender.js'
import type { Job } from '../job.js'
import type { RedisAddress } from '../redis.js'
import { load, titleOf } from './packages.js'

interface Options {
  readonly priority?: number
  readonly removeOnComplete: true
}

interface Queue {
  add(name: string, data: object, options: Options): Promise<unknown>
  addBulk(jobs: readonly { name: string; data: object; opts: Options }[]): Promise<unknown>
  getJobCounts(...types: string[]): Promise<Readonly<Record<string, number>>>
  obliterate(options: { force: boolean }): Promise<void>
  close(): Promise<void>
}

interface BullMQ {
  readonly Queue: new (name: string, options: object) => Queue
  readonly Worker: new (
    name: string,
    handler: (job: { readonly data: Job }) => Promise<void>,
    options: object,
  ) => {
    waitUntilReady(): Promise<unknown>
    on(event: 'error', listener: (error: Error) => void): void
    close(): Promise<void>
  }
}

const NAME = 'bench'

export const bullmq = (server: RedisAddress): Contender => ({
  name: `${titleOf('bullmq')} (networked, Redis ${server.version}, fsync ${server.sync})`,
  recipe: { queue: 'bullmq', server },
  use: async (work) => {
    const { Queue, Worker } = load<BullMQ>('bullmq')
    const { host, port, password } = server
    const connection = { host, port, password, maxRetriesPerRequest: null }
    const queue = new Queue(NAME, { connection })
    let worker: InstanceType<BullMQ['Worker']> | undefined
    try {
      return await work({
        enqueue: (job) => queue.add(NAME, job, optionsOf(job)),
        enqueueMany: (jobs) => queue.addBulk(jobs.map((job) => ({ name: NAME, data: job, opts: optionsOf(job) }))),
        work: async (run) => {
          worker = new Worker(NAME, async ({ data }) => run(data.data.number), { connection, concurrency: 100 })
          worker.on('error', (error) => console.error(error.message))
          await worker.waitUntilReady()
        },
        unfinished: async () => {
          const counts = await queue.getJobCounts('active', 'waiting', 'prioritized', 'delayed')
          return Object.values(counts).reduce((sum, count) => sum + count, 0)
        },
      })
    } finally {
      await worker?.close()
      await queue.obliterate({ force: true })
      await queue.close()
    }
  },
})

const optionsOf = ({ priority }: Job): Options => ({
  ...(priority === 'normal' && { priority: 1 }),
  removeOnComplete: true,
})
