/**
 * Logical decoding: the messages of `pgoutput` as they come over a replication connection (PostgreSQL documentation, "Logical
 * Streaming Replication Protocol"). The messages are parsed by `pg-logical-replication`; its service is not used: it confirms
 * what it received, not what was kept, and one byte more, which would pass over a commit that follows at once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Pgoutput } from 'pg-logical-replication'
import { Unavailable } from '../../errors.js'
import { BATCH, type Batch, type Change, type Operation, type Reader } from './change.js'
import { literal, quoted } from './mapping.js'
import type { RowReader, TextRow } from './row-reader.js'

type Message = Pgoutput.Message
type Relation = Pgoutput.MessageRelation

/** What of `pg` there is no type for: the wire below its queries. */
interface Wire {
  on(event: 'copyData', heard: (message: { readonly chunk: Buffer }) => void): void
  sendCopyFromChunk(chunk: Buffer): void
  readonly stream: { pause(): void; resume(): void; destroy(): void }
}

export interface StreamOptions {
  readonly slot: string
  readonly incarnation: string
  readonly read: RowReader
}

/** Changes that wait in memory; then nothing more is taken from the socket. */
const MOST_WAITING = 5_000
/** Milliseconds between two words to the source, which ends connections that say nothing (`wal_sender_timeout`). */
const STATUS = 5_000
/** Milliseconds at least between two words about changes that are none of ours. */
const SOON = 200
/** Milliseconds between 1970 and 2000. */
const EPOCH = 946_684_800_000

interface Waiting {
  readonly changes: Change[]
  /** Where the transaction ended that these are the last of; null: it goes on. */
  readonly end: bigint | null
}

interface Transaction {
  readonly lsn: string
  readonly time: string
  index: number
}

/** Opens the stream at the confirmed position. @throws whatever the source says, such as that the slot is in use */
export async function openStream(
  client: Client,
  parse: (data: Buffer) => Message,
  options: StreamOptions,
): Promise<Reader> {
  const reader = new StreamReader(client, parse, options)
  await reader.start()
  return reader
}

class StreamReader implements Reader {
  readonly #client: Client
  readonly #wire: Wire
  readonly #parse: (data: Buffer) => Message
  readonly #options: StreamOptions
  #queue: Waiting[] = []
  #waiting = 0
  #paused = false
  /** The one that is being received. */
  #transaction: Transaction | null = null
  /** Everything before it is in our log, or was none of ours. */
  #confirmed = 0n
  /** How far the source has sent. */
  #sent = 0n
  /** Ends of transactions that were handed out and are not confirmed. */
  #open = 0
  /** When the source last heard of us; milliseconds. */
  #told = 0
  #failure: Error | null = null
  #wake = () => {}
  #status: NodeJS.Timeout | undefined
  /** Until a word that would have come too soon. */
  #later: NodeJS.Timeout | undefined

  constructor(client: Client, parse: (data: Buffer) => Message, options: StreamOptions) {
    this.#client = client
    this.#wire = (client as unknown as { connection: Wire }).connection
    this.#parse = parse
    this.#options = options
  }

  async start(): Promise<void> {
    const { slot } = this.#options
    this.#wire.on('copyData', ({ chunk }) => this.#hear(chunk))
    const begun = new Promise<void>((resolve) => {
      ;(this.#wire as unknown as NodeJS.EventEmitter).once('replicationStart', () => resolve())
    })
    const names = `proto_version '1', publication_names ${literal(quoted(slot))}`
    const ended = this.#client.query(`START_REPLICATION SLOT ${quoted(slot)} LOGICAL 0/0 (${names})`)
    ended.then(
      () => this.#fail(lost()),
      (error: Error) => this.#fail(error),
    )
    this.#client.on('error', (error) => this.#fail(error))
    this.#client.on('end', () => this.#fail(lost()))
    await Promise.race([begun, ended])
    if (this.#failure) throw this.#failure
    this.#status = setInterval(() => this.#tell(), STATUS)
  }

  async next(signal: AbortSignal): Promise<Batch | null> {
    while (this.#queue.length === 0 && !signal.aborted) {
      if (this.#failure) throw this.#failure
      await this.#woken(signal)
    }
    return signal.aborted ? null : this.#batch()
  }

  #woken(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#wake = wake
      signal.addEventListener('abort', wake)
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#status)
    clearTimeout(this.#later)
    this.#failure ??= lost()
    this.#resume()
    // The last word is on its way; a source that does not answer is left.
    await Promise.race([this.#client.end().catch(() => {}), sleep(1_000)])
    this.#wire.stream.destroy()
  }

  #batch(): Batch {
    const changes: Change[] = []
    let end: bigint | null = null
    let ends = 0
    while (this.#queue.length > 0 && changes.length < BATCH) {
      const entry = this.#queue.shift()
      if (entry === undefined) break
      changes.push(...entry.changes)
      if (entry.end === null) continue
      end = entry.end
      ends += 1
    }
    this.#waiting -= changes.length
    this.#open += ends
    if (this.#waiting < MOST_WAITING / 2) this.#resume()
    return {
      changes,
      confirm: async () => {
        this.#open -= ends
        if (end !== null) this.#confirmed = end
        this.#tell()
      },
    }
  }

  #hear(chunk: Buffer): void {
    try {
      // XLogData, or a keepalive (section "Streaming Replication Protocol").
      if (chunk[0] === 0x77) this.#take(this.#parse(chunk.subarray(25)))
      else if (chunk[0] === 0x6b) this.#keepalive(chunk.readBigUInt64BE(1), chunk[17] === 1)
    } catch (error) {
      this.#fail(error instanceof Error ? error : lost())
    }
  }

  #keepalive(sent: bigint, asked: boolean): void {
    this.#sent = sent
    if (asked || Date.now() - this.#told >= SOON) this.#tell()
    else this.#later ??= setTimeout(() => this.#tell(), SOON)
  }

  #take(message: Message): void {
    if (message.tag === 'relation') this.#relation(message)
    else if (message.tag === 'begin') this.#begin(message)
    else if (message.tag === 'insert') this.#change('insert', message.relation, null, message.new)
    else if (message.tag === 'update')
      this.#change('update', message.relation, message.old ?? message.key, message.new, message.old !== null)
    else if (message.tag === 'delete')
      this.#change('delete', message.relation, message.old ?? message.key, null, message.old !== null)
    else if (message.tag === 'truncate') this.#truncate(message.relations)
    else if (message.tag === 'commit') this.#commit(lsnOf(message.commitEndLsn))
  }

  #begin({ commitLsn, commitTime }: Pgoutput.MessageBegin): void {
    this.#transaction = { lsn: commitLsn ?? '0/0', time: timeOf(commitTime), index: 0 }
  }

  #truncate(relations: readonly Relation[]): void {
    for (const relation of relations) this.#change('truncate', relation, null, null)
  }

  /** The library would make dates and numbers of them that lose digits; ours are made in `values.ts`. */
  #relation({ relationOid, columns }: Relation): void {
    this.#options.read.written(relationOid, columns)
    for (const column of columns) column.parser = (text: string) => text
  }

  #change(
    operation: Operation,
    relation: Relation,
    before: TextRow | null,
    after: TextRow | null,
    isWhole = true,
  ): void {
    const transaction = this.#transaction
    if (transaction === null) throw new TypeError('The source sent a change outside of a transaction.')
    const { incarnation, read } = this.#options
    const table = read.tableOf(relation.relationOid) ?? `${relation.schema}.${relation.name}`
    const at = `${incarnation}.${transaction.lsn.replace('/', '')}`
    const change: Change = {
      ...{ operation, table },
      ...read.rows(table, before, after, 'text'),
      position: `${at}.${transaction.index++}`,
      transaction: at,
      time: transaction.time,
      ...(!isWhole && { columns: relation.columns.map(({ name }) => name) }),
    }
    this.#put({ changes: [change], end: null })
  }

  #commit(end: bigint): void {
    this.#transaction = null
    this.#sent = end > this.#sent ? end : this.#sent
    this.#put({ changes: [], end })
  }

  #put(entry: Waiting): void {
    this.#queue.push(entry)
    this.#waiting += entry.changes.length
    if (this.#waiting >= MOST_WAITING && !this.#paused) {
      this.#paused = true
      this.#wire.stream.pause()
    }
    this.#wake()
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#wire.stream.resume()
  }

  /** While nothing of ours is under way the source may forget all that it has sent: other tables' changes. */
  #tell(): void {
    clearTimeout(this.#later)
    this.#later = undefined
    const isIdle = this.#queue.length === 0 && this.#open === 0 && this.#transaction === null
    if (isIdle && this.#sent > this.#confirmed) this.#confirmed = this.#sent
    if (this.#failure) return
    this.#told = Date.now()
    this.#wire.sendCopyFromChunk(standbyStatus(this.#confirmed, Date.now()))
  }

  #fail(error: Error): void {
    this.#failure ??= error
    clearInterval(this.#status)
    this.#wake()
  }
}

const lost = () => new Unavailable('unavailable', 'The connection to the source database ended.', { retryAfter: 1 })

/** Standby status update: written, flushed and applied up to here. */
function standbyStatus(position: bigint, now: number): Buffer {
  const message = Buffer.alloc(34)
  message.write('r', 0)
  for (const offset of [1, 9, 17]) message.writeBigUInt64BE(position, offset)
  message.writeBigInt64BE(BigInt(now - EPOCH) * 1_000n, 25)
  return message
}

/** `0000/16B3748` as a number. */
export function lsnOf(text: string | null): bigint {
  const [high = '0', low = '0'] = (text ?? '0/0').split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

/** Microseconds since 1970, as RFC 3339. */
const timeOf = (microseconds: unknown): string => {
  const time = BigInt(String(microseconds))
  const fraction = String(time % 1_000_000n).padStart(6, '0')
  return `${new Date(Number(time / 1_000n)).toISOString().slice(0, 19)}.${fraction}Z`
}
