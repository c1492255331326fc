/**
 * What every command that speaks to a server has: the client, how to answer, which options were given.
 */
import type { Command } from 'commander'
import { Client } from './client.js'
import { endpointOf, type GlobalOptions } from './endpoint.js'
import type { Io } from './io.js'
import { allFields, at, type Column, fields, table } from './table.js'

export interface Context {
  readonly io: Io
  readonly client: Client
  readonly json: boolean
  /** One thing: as JSON, or as these fields. */
  show(item: unknown, wanted?: readonly Column[]): void
  /** Several: JSON lines, or a table. */
  showAll(items: readonly unknown[], wanted: readonly Column[]): void
  /** What was done, for people; the thing itself, for machines. */
  done(item: unknown, sentence: string): void
}

/** Runs a command against the server and closes the connections after it. */
export async function withServer(io: Io, command: Command, run: (context: Context) => Promise<void>): Promise<void> {
  const options: GlobalOptions = command.optsWithGlobals()
  const client = new Client(endpointOf(options, io))
  try {
    await run(contextOf(io, client, options.json === true))
  } finally {
    await client.close()
  }
}

function contextOf(io: Io, client: Client, json: boolean): Context {
  return {
    io,
    client,
    json,
    show: (item, wanted) => io.out(json ? JSON.stringify(item) : wanted ? fields(item, wanted) : allFields(item)),
    showAll: (items, wanted) => showItems(io, json, items, wanted),
    done: (item, sentence) => io.out(json ? JSON.stringify(item) : sentence),
  }
}

function showItems(io: Io, json: boolean, items: readonly unknown[], wanted: readonly Column[]): void {
  if (json) for (const item of items) io.out(JSON.stringify(item))
  else if (items.length === 0) io.err('Nothing found.\n')
  else io.out(table(items, wanted, io.terminal ? io.columns : undefined))
}

export interface Paging {
  /** At most so many; default 50. */
  readonly limit?: number
  readonly all?: true
}

/** Turns pages until there are enough. A table is aligned over all of them. */
export async function list(
  context: Context,
  path: string,
  query: Readonly<Record<string, string | number | readonly string[] | undefined>>,
  paging: Paging,
): Promise<readonly unknown[]> {
  const most = paging.all ? Number.POSITIVE_INFINITY : (paging.limit ?? 50)
  const items: unknown[] = []
  let cursor: string | undefined
  do {
    const limit = Math.min(1000, most - items.length)
    const page = await context.client.call('GET', path, { query: { ...query, limit, cursor } })
    items.push(...itemsOf(page))
    cursor = nextOf(page)
  } while (cursor !== undefined && items.length < most)
  return items.slice(0, most)
}

/** Everything a list without pages has. */
export const whole = async (
  context: Context,
  path: string,
  query: Readonly<Record<string, string | readonly string[]>> = {},
): Promise<readonly unknown[]> => itemsOf(await context.client.call('GET', path, { query }))

const itemsOf = (page: unknown): readonly unknown[] => {
  const items = at(page, 'items')
  return Array.isArray(items) ? items : []
}

const nextOf = (page: unknown): string | undefined => {
  const next = at(page, 'next')
  return typeof next === 'string' ? next : undefined
}
