/**
 * Publishing inside hosts' transactions, put together.
 */
import type { AuditEntry } from '../../store/auditor.js'
import type { Store } from '../../store/port.js'
import { Inside } from '../admit/inside.js'
import { Admitter, type AdmitterDependencies } from './admitter.js'
import { Inbox } from './inbox.js'
import { Rounds } from './rounds.js'

export interface InsideOptions extends Omit<AdmitterDependencies, 'store' | 'inbox'> {
  audit(entry: AuditEntry): Promise<void>
}

/** Milliseconds between two looks into the inbox at most. */
const LATEST = 500

export function createInside(store: Store, { audit, ...options }: InsideOptions) {
  const { inbox, features } = store
  const admitter = inbox && new Admitter({ ...options, store, inbox })
  const rounds =
    inbox && admitter && new Rounds({ inbox, admit: (row) => admitter.admit(row), failed: options.failed }, LATEST)
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
