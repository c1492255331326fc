/**
 * Publishing inside hosts' transactions, put together.
 */
import type { AuditEntry } from '../../store/auditor.js'
import type { Cluster } from '../../store/cluster.js'
import type { Store } from '../../store/port.js'
import { Inside } from '../admit/inside.js'
import { Admitter, type AdmitterDependencies } from './admitter.js'
import { Inbox } from './inbox.js'
import { Rounds, type RoundsDependencies } from './rounds.js'

export interface InsideOptions extends Omit<AdmitterDependencies, 'store' | 'inbox'> {
  audit(entry: AuditEntry): Promise<void>
  readonly lead: Cluster['lead']
}

/** Milliseconds between two looks into the inbox at most: so long waits what is published in plain SQL. */
const LATEST = 250

export function createInside(store: Store, { audit, lead, ...options }: InsideOptions) {
  const { inbox, features } = store
  const admitter = inbox && new Admitter({ ...options, store, inbox })
  const rounds = inbox && admitter && new Rounds(roundsOf(inbox, admitter, lead, options.failed), LATEST)
  const expect = () => rounds?.expect()
  return {
    inside: new Inside({ inbox, name: features.name, expect }),
    inbox: new Inbox({ inbox, audit, expect, now: options.now }),
    start: () => rounds?.start(),
    /** Ends when what is under way is admitted and witnessed; what is pending is admitted after the next start. */
    async stop(): Promise<void> {
      await rounds?.stop()
      await admitter?.told()
    },
  }
}

const roundsOf = (
  inbox: RoundsDependencies['inbox'],
  admitter: Admitter,
  lead: Cluster['lead'],
  failed: (error: unknown) => void,
): RoundsDependencies => ({
  inbox,
  admit: (row) => admitter.admit(row),
  lead: (work) => lead('inbox', work),
  failed,
})
