/**
 * The inbox as people see it: what waits to be admitted, what was refused and why; tried again, or dropped.
 */
import { numberKey, type Page, type PageRequest, paged } from '../../access/page.js'
import { type Principal, requireScope, type Scope, seesWholeTenant } from '../../access/principal.js'
import { AccessDenied, Conflict, NotFound } from '../../errors.js'
import type { AuditEntry } from '../../store/auditor.js'
import type { Store } from '../../store/port.js'
import type { InboxRow } from '../../store/rows.js'
import { bodyIn } from './content.js'

export interface InboxDependencies {
  /** Absent: the store has none, and nothing is ever in it. */
  readonly inbox: Store['inbox'] | undefined
  audit(entry: AuditEntry): Promise<void>
  /** Something is pending again. */
  expect(): void
  now(): number
}

export interface InboxView
  extends Pick<InboxRow, 'state' | 'kind' | 'source' | 'id' | 'type' | 'subject' | 'partitionKey' | 'principal'> {
  /** Its name in the inbox, a number as text; an event's place in the log is its sequence. */
  readonly entry: string
  readonly receivedAt: string
  /** Why it was refused: one of our codes, or a judge's own. */
  readonly code: string | null
  readonly message: string | null
  readonly refusedAt: string | null
}

export interface InboxEntry extends InboxView {
  /** CloudEvents JSON, as it was judged; of what came by SQL, as it was received. */
  readonly event: Readonly<Record<string, unknown>>
}

export class Inbox {
  readonly #dependencies: InboxDependencies

  constructor(dependencies: InboxDependencies) {
    this.#dependencies = dependencies
  }

  /** Oldest first. Of who sees the whole tenant. */
  async list(
    caller: Principal,
    { states }: { readonly states?: readonly InboxRow['state'][] | undefined },
    page: PageRequest,
  ): Promise<Page<InboxView>> {
    requireWhole(caller, 'events:read')
    const { inbox } = this.#dependencies
    const filter = { tenant: caller.tenant, ...(states && { states }) }
    const read = async (after: number | null, limit: number) => (await inbox?.list(filter, { after, limit })) ?? []
    return paged(page, numberKey, read, ({ number }) => String(number), viewOf)
  }

  /** @throws NotFound */
  async get(caller: Principal, entry: string): Promise<InboxEntry> {
    requireWhole(caller, 'events:read')
    const row = await this.#row(caller, entry)
    return { ...viewOf(row), event: eventOf(row) }
  }

  /** What was refused is pending again. @throws NotFound, Conflict `wrong_state` */
  async retry(caller: Principal, entry: string): Promise<InboxView> {
    requireWhole(caller, 'tasks:write')
    const row = await this.#row(caller, entry)
    const { inbox, expect } = this.#dependencies
    if (!(await inbox?.retry(caller.tenant, row.number)))
      throw new Conflict('wrong_state', `The entry ${entry} of the inbox is not refused.`, {
        data: { state: row.state },
      })
    await this.#audit(caller, 'inbox.retried', row)
    expect()
    return viewOf({ ...row, state: 'pending', code: null, message: null, refusedAt: null })
  }

  /** It never becomes an event. @throws NotFound */
  async drop(caller: Principal, entry: string): Promise<void> {
    requireWhole(caller, 'tasks:write')
    const row = await this.#row(caller, entry)
    if (!(await this.#dependencies.inbox?.remove(caller.tenant, row.number))) throw notFound(entry)
    await this.#audit(caller, 'inbox.dropped', row)
  }

  /** Of all tenants, and the age of the oldest pending entry in milliseconds; null where there is no inbox. */
  async measure(): Promise<{ pending: number; refused: number; age: number } | null> {
    const { inbox, now } = this.#dependencies
    if (!inbox) return null
    const { pending, refused, oldest } = await inbox.counts(null)
    return { pending, refused, age: oldest === null ? 0 : Math.max(0, now() - oldest) }
  }

  async #row({ tenant }: Principal, entry: string): Promise<InboxRow> {
    const row = NUMBER.test(entry) ? await this.#dependencies.inbox?.get(tenant, Number(entry)) : null
    if (!row) throw notFound(entry)
    return row
  }

  #audit({ tenant, id: actor }: Principal, action: string, row: InboxRow): Promise<void> {
    const { audit, now } = this.#dependencies
    const { source, id, type, code } = row
    return audit({ tenant, at: now(), actor, action, object: String(row.number), detail: { source, id, type, code } })
  }
}

/** Safe integers all. */
const NUMBER = /^[1-9]\d{0,14}$/

const notFound = (entry: string): NotFound => new NotFound('entry of the inbox', entry)

function requireWhole(caller: Principal, scope: Scope): void {
  requireScope(caller, scope)
  if (seesWholeTenant(caller)) return
  throw new AccessDenied('forbidden', 'The inbox is for those who see the whole tenant.')
}

const viewOf = ({ number, tenant: _, content: __, receivedAt, refusedAt, ...row }: InboxRow): InboxView => ({
  entry: String(number),
  ...row,
  receivedAt: new Date(receivedAt).toISOString(),
  refusedAt: refusedAt === null ? null : new Date(refusedAt).toISOString(),
})

function eventOf({ kind, content }: InboxRow): InboxEntry['event'] {
  const text = kind === 'judged' ? bodyIn(content) : content
  return JSON.parse(text) as InboxEntry['event']
}
