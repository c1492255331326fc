/**
 * Resuming as callers ask for it, or as its time comes.
 */
import { type Principal, requireScope } from '../../access/principal.js'
import type { EventInput } from '../../event/envelope.js'
import type { Intake } from '../../intake/intake.js'
import type { EventRow } from '../../store/rows.js'
import * as own from '../operator-events.js'
import type { Receipt } from './receipt.js'
import type { Receipts } from './receipts.js'
import { type ResumeDependencies, resume } from './resume.js'
import type { Subjects } from './subjects.js'

export interface ResumerDependencies extends Omit<ResumeDependencies, 'receive' | 'recheck'> {
  readonly intake: Intake
  openTypes(tenant: string): boolean | Promise<boolean>
  readonly receipts: Receipts
  readonly subjects: Subjects
  row(caller: Principal, id: string, source?: string): Promise<EventRow>
  publisherOf(row: EventRow): Promise<Principal>
  tell(tenant: string, event: EventInput): void
}

export class Resumer {
  readonly #dependencies: ResumerDependencies

  constructor(dependencies: ResumerDependencies) {
    this.#dependencies = dependencies
  }

  /** @returns the receipt as it is now: `admitted`, `closed`, `suspended` again, or `refused`. @throws NotFound, Conflict `wrong_state` */
  async resume(caller: Principal, id: string, source?: string): Promise<Receipt> {
    requireScope(caller, 'events:publish')
    const { receipt } = await this.resumeRow(await this.#dependencies.row(caller, id, source))
    return receipt
  }

  /** Also answers when it goes on by itself if it was suspended again; null: never. */
  async resumeRow(row: EventRow): Promise<{ readonly receipt: Receipt; readonly until: number | null }> {
    const { receipts, publisherOf, tell, store, intake, openTypes, subjects } = this.#dependencies
    const [as, open] = await Promise.all([publisherOf(row), openTypes(row.tenant)])
    const receive = (input: EventInput, caller: Principal) =>
      subjects.introduce(intake.receive(input, caller, open), row.tenant, null)
    const recheck = intake.recheck.bind(intake)
    const resumed = await resume(row, as, { ...this.#dependencies, receive, recheck })
    if (resumed.state === 'released') {
      const [receipt] = await receipts.told(resumed.committed, resumed.judged, as)
      if (receipt) return { receipt, until: null }
    }
    if (resumed.state === 'refused') tell(row.tenant, own.refused(row, resumed.rejection))
    const present = (await store.log.get(row.tenant, row.sequence)) ?? row
    const receipt = await receipts.ofRow(present, false)
    return { receipt, until: resumed.state === 'suspended' ? resumed.until : null }
  }
}
