/**
 * `aws`: SQS and SNS as clients speak them, beside our own API, the hub without HTTP and the bare store, on both stores.
 */
import { join } from 'node:path'
import { inDatabase } from '../../test/services/postgres.js'
import { newestPrograms } from '../../test/services/programs.js'
import type { Contest, Figures } from '../contest.js'
import { inFolder } from '../place.js'
import { postgresOfBench } from '../queue/postgres.js'
import { CLIENTS } from './client.js'
import { byRest, bySqs, byTopic, inProcess } from './ours.js'
import { bare } from './raw.js'

/** A database of its own for each measurement. */
type Ground = (work: (database: string) => Promise<Figures>) => Promise<Figures>

const RATE = 200

/** Without PostgreSQL on SQLite alone; it is started when it is first needed. */
export async function openAws(scale: number) {
  let server: ReturnType<typeof postgresOfBench> | null = null
  const sqlite: Ground = (work) => inFolder((folder) => work(join(folder, 'bench.db')))
  const postgres: Ground = async (work) => {
    server ??= postgresOfBench()
    return inDatabase((await server).address, work)
  }
  const theirs = newestPrograms() === null ? [] : contestsOn('PostgreSQL', postgres, scale)
  return { contests: [...contestsOn('SQLite', sqlite, scale), ...theirs], close: async () => (await server)?.close() }
}

function contestsOn(store: string, ground: Ground, scale: number): readonly Contest[] {
  const count = 10 * Math.ceil(1_000 / scale)
  const seconds = 5 / scale
  const rate = (work: string, figure: string) => ({ work: `${store}: ${work}`, unit: '1/s', figure })
  return [
    {
      lines: [
        rate(`SendMessageBatch of 10, ${CLIENTS} clients`, 'send'),
        rate('ReceiveMessage of 10, long poll', 'receive'),
        rate('DeleteMessageBatch of 10', 'remove'),
      ],
      ours: () => ground((database) => bySqs(database, count)),
      against: {
        'our own API': () => ground((database) => byRest(database, count)),
        'in process, no HTTP': () => ground((database) => inProcess(database, count)),
        'the bare store': () => ground((database) => bare(database, count)),
      },
    },
    {
      lines: [
        { work: `${store}: SNS publish to SQS receive at ${RATE}/s, p50`, unit: 'ms', figure: 'p50' },
        { work: `${store}: SNS publish to SQS receive at ${RATE}/s, p99`, unit: 'ms', figure: 'p99' },
      ],
      ours: () => ground((database) => byTopic(database, RATE, Math.ceil(seconds * RATE))),
    },
  ]
}
