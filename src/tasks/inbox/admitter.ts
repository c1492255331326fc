/**
 * From the inbox into the log: one row, once its host has committed. What was judged in the call is not judged again; what
 * came by SQL is let in and judged now. What cannot be admitted stays in the inbox, refused, with the reason.
 */
import { type Principal, requireScope } from '../../access/principal.js'
import {
  type Conflict,
  InvalidInput,
  isTocsinError,
  messageOf,
  ProcessorFailed,
  Rejected,
  type TocsinError,
  Unavailable,
} from '../../errors.js'
import type { EventInput } from '../../event/envelope.js'
import { fromWire } from '../../formats/read-cloudevents.js'
import { parseJson } from '../../intake/json.js'
import type { LineUp } from '../../pipeline/line-up.js'
import type { Store } from '../../store/port.js'
import type { InboxRow } from '../../store/rows.js'
import { type Committed, type Committer, lostRace } from '../admit/committer.js'
import { type Bench, judgeAll } from '../admit/judged.js'
import type { Receipts } from '../admit/receipts.js'
import { mismatch } from '../admit/shared-runs.js'
import type { Introduced } from '../admit/subjects.js'
import * as own from '../operator-events.js'
import { type JudgedOperation, readOperation } from './content.js'

export interface AdmitterDependencies {
  readonly store: Pick<Store, 'log'>
  readonly inbox: Pick<NonNullable<Store['inbox']>, 'refuse' | 'remove'>
  readonly committer: Pick<Committer, 'admit'>
  readonly receipts: Pick<Receipts, 'told'>
  readonly lineUp: LineUp
  receive(input: EventInput, caller: Principal): Promise<Introduced>
  readonly recheck: Bench['recheck']
  publisherOf(row: Pick<InboxRow, 'principal' | 'tenant'>): Promise<Principal>
  /** The tenant's graph was changed. */
  changed(tenant: string): void
  tell(tenant: string, event: EventInput): void
  failed(error: unknown): void
  now(): number
}

/** Events whose witnesses may be at work at the same time. */
const MOST_TELLING = 1_000

/** Arrays and objects inside one another around an event; how deep the event is the intake counts. */
const MOST_DEPTH = 1_100

export class Admitter {
  readonly #dependencies: AdmitterDependencies
  readonly #telling = new Set<Promise<unknown>>()

  constructor(dependencies: AdmitterDependencies) {
    this.#dependencies = dependencies
  }

  /** Resolves when the row is gone or refused. @throws Unavailable: it is still pending */
  async admit(row: InboxRow): Promise<void> {
    while (this.#telling.size >= MOST_TELLING) await Promise.race(this.#telling)
    try {
      await this.#admit(row)
    } catch (error) {
      if (error instanceof Unavailable) throw error
      if (!isTocsinError(error)) this.#dependencies.failed(error)
      await this.#refuse(row, reasonOf(error))
    }
  }

  /** Resolves when all that was admitted has been witnessed. */
  async told(): Promise<void> {
    while (this.#telling.size > 0) await Promise.all(this.#telling)
  }

  async #admit(row: InboxRow): Promise<void> {
    const operation = row.kind === 'judged' ? readOperation(row.content) : await this.#judged(row)
    if (operation === 'known') return this.#remove(row)
    const { judged, graph } = operation
    const committed = await this.#dependencies.committer.admit(row.tenant, judged, graph, row.number)
    if (committed.status === 'admitted') return this.#tell(committed, operation)
    if (committed.status === 'duplicate') return this.#remove(row)
    if (committed.status !== 'gone') throw refusalOf(committed)
  }

  /** Witnesses run after it, and nobody waits for them here. */
  #tell(committed: Extract<Committed, { status: 'admitted' }>, { judged, graph, caller }: JudgedOperation): void {
    const { receipts, failed, changed } = this.#dependencies
    if (graph !== null) changed(caller.tenant)
    const told = receipts.told(committed, judged, caller)
    if (!(told instanceof Promise)) return
    const telling: Promise<unknown> = told.catch(failed).finally(() => this.#telling.delete(telling))
    this.#telling.add(telling)
  }

  /** @throws whatever refuses it */
  async #judged(row: InboxRow): Promise<JudgedOperation | 'known'> {
    const { store, lineUp, now, receive, recheck, publisherOf } = this.#dependencies
    const caller = await publisherOf(row)
    requireScope(caller, 'events:publish')
    // It was received when the host wrote it.
    const received = { ...(await receive(readInput(row.content), caller)), receivedAt: row.receivedAt }
    // Who is judged by nobody is found to be known by its commit.
    const isJudged = lineUp.for(received.event.type, received.resourceType).judges.length > 0
    const [known] = isJudged ? await store.log.find(row.tenant, row.id, row.source) : []
    if (known && known.hash !== received.hash) throw mismatch()
    if (known) return 'known'
    const judgement = Promise.resolve(judgeAll([received], caller, { lineUp, now, receive, recheck }, null))
    const { judged } = await judgement.catch(notToBeTriedAgain)
    return { judged, graph: null, caller }
  }

  async #remove({ tenant, number }: InboxRow): Promise<void> {
    await this.#dependencies.inbox.remove(tenant, number)
  }

  async #refuse(row: InboxRow, reason: own.Failure & { readonly processor?: string }): Promise<void> {
    const { inbox, tell, now } = this.#dependencies
    const { code, message } = reason
    if (await inbox.refuse(row.tenant, row.number, { code, message, at: now() }))
      tell(row.tenant, own.refusedInInbox(row, reason))
  }
}

/** Of a judge this is an answer like any other: only the store is waited for. */
function notToBeTriedAgain(error: unknown): never {
  if (!(error instanceof Unavailable)) throw error
  throw new ProcessorFailed('processor_failed', error.message, { cause: error })
}

const readInput = (content: string): EventInput => {
  const bytes = Buffer.from(content)
  return fromWire(parseJson(bytes, { maxBytes: bytes.length, maxDepth: MOST_DEPTH }))
}

function refusalOf(committed: Exclude<Committed, { status: 'admitted' | 'duplicate' | 'gone' }>): Conflict {
  return committed.status === 'mismatch' ? mismatch() : lostRace(committed.resource)
}

/** A judge's refusal is told by the judge's own code. */
function reasonOf(error: unknown): own.Failure & { readonly processor?: string } {
  if (!isTocsinError(error)) return { code: 'internal', message: messageOf(error) }
  const { code, message, data } = error
  const processor = typeof data.processor === 'string' ? { processor: data.processor } : {}
  if (error instanceof Rejected) return { code: String(data.reason), message, ...processor }
  return { code, message: error instanceof InvalidInput ? withField(error) : message, ...processor }
}

const withField = ({ message, field }: TocsinError): string => (field === undefined ? message : `${message} (${field})`)
