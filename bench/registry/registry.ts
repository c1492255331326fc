/**
 * `registry`: many resources and links brought in, who may see what among them, and one change that very many see.
 */
import { join } from 'node:path'
import { inDatabase, type PostgresAddress } from '../../test/services/postgres.js'
import type { Server } from '../../test/services/server.js'
import { child } from '../child.js'
import type { Contest, Figures, Line } from '../contest.js'
import { inFolder } from '../place.js'
import { postgresOfBench } from '../queue/postgres.js'
import type { Order } from './import-process.js'
import type { Size } from './model.js'
import { rawInserts } from './raw.js'
import { sight } from './sight.js'

type In = <Result>(work: (database: string) => Promise<Result>) => Promise<Result>

/** What PostgreSQL is not here for is measured on SQLite alone. */
export async function openRegistry(size: Size): Promise<{ contests: readonly Contest[]; close(): Promise<void> }> {
  const sqlite: In = (work) => inFolder((folder) => work(join(folder, 'bench.db')))
  const server = await postgresIfThere()
  const on = (work: In, store: string, decision: number) => contest(size, work, store, decision)
  if (server === null) return { contests: [on(sqlite, 'SQLite', 50)], close: async () => undefined }
  const postgres: In = (work) => inDatabase(server.address, work)
  return { contests: [on(sqlite, 'SQLite', 50), on(postgres, 'PostgreSQL', 200)], close: server.close }
}

async function postgresIfThere(): Promise<Server<PostgresAddress> | null> {
  try {
    return await postgresOfBench()
  } catch (error) {
    process.stderr.write(`Without PostgreSQL: ${error instanceof Error ? error.message : String(error)}\n`)
    return null
  }
}

const contest = (size: Size, place: In, store: string, decision: number): Contest => ({
  lines: linesOf(size, store, decision),
  ours: () => measured(size, place),
  // To fill it takes minutes.
  warm: false,
  runs: 1,
})

function linesOf({ resources, links, subscribers }: Size, store: string, decision: number): readonly Line[] {
  const of = `${store}: import of ${resources} resources, ${links} links`
  return [
    { work: of, unit: 'rows/s', figure: 'rate' },
    { work: `${store}: raw inserts of the same rows`, unit: 'rows/s', figure: 'raw' },
    { work: `${store}: import, to raw inserts`, unit: '', figure: 'ratio', atLeast: 0.5 },
    { work: `${store}: import, our processor time a row`, unit: 'us', figure: 'cpu' },
    { work: `${store}: raw inserts, our processor time a row`, unit: 'us', figure: 'rawCpu' },
    { work: `${store}: import, most resident memory`, unit: 'MB', figure: 'resident' },
    { work: `${store}: who may see, a candidate`, unit: 'us', figure: 'decision', atMost: decision },
    { work: `${store}: the same, our processor time`, unit: 'us', figure: 'decisionCpu' },
    { work: `${store}: one change told to ${subscribers}, our processor time`, unit: 'ms', figure: 'told' },
    { work: `${store}: a publish where nothing is told, longest`, unit: 'ms', figure: 'alone' },
    { work: `${store}: ${subscribers} told, others held, usual`, unit: 'ms', figure: 'usual' },
    { work: `${store}: ${subscribers} told, others held, longest`, unit: 'ms', figure: 'longest', atMost: 50 },
  ]
}

async function measured(size: Size, place: In): Promise<Figures> {
  const raw = await place((database) => rawInserts(database, size))
  return place(async (database) => {
    const imported = await imports({ database, size })
    const ratio = (imported.rate ?? Number.NaN) / (raw.rate ?? Number.NaN)
    const rawFigures = { raw: raw.rate ?? Number.NaN, rawCpu: raw.cpu ?? Number.NaN }
    return { ...imported, ...rawFigures, ratio, ...(await sight(database, size)) }
  })
}

async function imports(order: Order): Promise<Figures> {
  const process_ = await child(new URL('./import-process.ts', import.meta.url))
  try {
    return (await process_.ask(order)) as Figures
  } finally {
    await process_.close()
  }
}
