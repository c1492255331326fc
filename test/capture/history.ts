/**
 * Somebody who writes into the source, many at once, with savepoints and rollbacks, and keeps a ledger of what was committed:
 * the ledger is asked of the writers and of the source alone. Each change gets a number of its own from a sequence.
 */
import type { Client } from 'pg'
import { openClient } from '../capture-world.js'
import { pause, randomFrom } from '../faults/random.js'

/** What a transaction did, in its order: `i:7` an insert, `u:8` an update, `d:8` a delete, `t:public.account` a truncate. */
export type Deeds = readonly string[]

export interface WriteOptions {
  readonly seed: number
  readonly writers: number
  /** Asked before each transaction, with how many changes there are: false ends the writers; they wait for the answer. */
  goOn(changes: number): Promise<boolean>
}

interface Entry {
  readonly mark: number
  readonly deeds: Deeds
}

/** @returns the transactions that the source says are committed */
export async function writeHistory(url: string, options: WriteOptions): Promise<readonly Deeds[]> {
  const entries: Entry[] = []
  let marks = 0
  let changes = 0
  const keep = (entry: Entry) => {
    entries.push(entry)
    changes += entry.deeds.length
  }
  const writer = async (number: number) => {
    const random = randomFrom(options.seed + number)
    let client: Client | null = null
    while (await options.goOn(changes)) {
      try {
        client ??= await openClient(url)
        await transact(client, random, ++marks, keep)
      } catch (error) {
        // A deadlock, a doubled key, or the source is gone: nothing of it counts unless the source says so.
        const isAlive = await client?.query('ROLLBACK').then(
          () => true,
          () => false,
        )
        if (!isAlive) {
          client = null
          await pause(50)
        }
        if (error instanceof TypeError) throw error
      }
    }
    await client?.end()
  }
  await Promise.all(Array.from({ length: options.writers }, (_, number) => writer(number)))
  return committedOf(url, entries)
}

async function committedOf(url: string, entries: readonly Entry[]): Promise<readonly Deeds[]> {
  const client = await openClient(url)
  const { rows } = await client.query<{ id: number }>('SELECT id FROM mark')
  await client.end()
  const committed = new Set(rows.map(({ id }) => id))
  return entries.filter(({ mark, deeds }) => committed.has(mark) && deeds.length > 0).map(({ deeds }) => deeds)
}

type Random = () => number
const among = (random: Random, count: number): number => Math.floor(random() * count)

async function transact(client: Client, random: Random, mark: number, keep: (entry: Entry) => void): Promise<void> {
  await client.query("BEGIN; SET LOCAL lock_timeout = '2s'")
  await client.query('INSERT INTO mark VALUES ($1)', [mark])
  let deeds: readonly string[] = []
  for (let parts = 1 + among(random, 3); parts > 0; parts--) {
    await client.query('SAVEPOINT part')
    const part = await some(client, random)
    const isKept = random() < 0.75
    await client.query(isKept ? 'RELEASE part' : 'ROLLBACK TO part')
    if (isKept) deeds = [...deeds, ...part]
  }
  if (random() < 0.15) return void (await client.query('ROLLBACK'))
  // Whether the answer to the commit comes or not: the source knows.
  keep({ mark, deeds })
  await client.query('COMMIT')
}

async function some(client: Client, random: Random): Promise<Deeds> {
  const deeds: string[] = []
  for (let count = 1 + among(random, 4); count > 0; count--) deeds.push(...(await one(client, random)))
  return deeds
}

const NEXT = "nextval('revs')"

async function one(client: Client, random: Random): Promise<Deeds> {
  const [id, other, dice] = [among(random, 60), among(random, 60), random()]
  const revs = async (kind: string, query: string, values: readonly unknown[]) =>
    (await client.query<{ rev: string }>(`${query} RETURNING rev`, [...values])).rows.map(({ rev }) => `${kind}:${rev}`)
  if (dice < 0.3)
    return revs('i', `INSERT INTO person (id, name, rev) VALUES ($1, 'P', ${NEXT}) ON CONFLICT DO NOTHING`, [id])
  if (dice < 0.6) return revs('u', `UPDATE person SET age = $2, rev = ${NEXT} WHERE id = $1`, [id, other])
  if (dice < 0.68) return revs('u', `UPDATE person SET id = $2, rev = ${NEXT} WHERE id = $1`, [id, other])
  if (dice < 0.8) return revs('d', 'DELETE FROM person WHERE id = $1', [id])
  if (dice < 0.9)
    return revs('i', `INSERT INTO account VALUES ($1, $2, ${NEXT}) ON CONFLICT DO NOTHING`, [`p${id}`, `s${other % 3}`])
  if (dice < 0.985) return revs('d', 'DELETE FROM account WHERE login = $1', [`p${id}`])
  await client.query('TRUNCATE account')
  return ['t:public.account']
}
