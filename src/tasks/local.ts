/**
 * The built-in subscriptions: processors that run in this process are told by the same queue as everybody else.
 */
import type { Candidate } from '../store/port.js'
import type { Terms } from './attempt.js'

/** Witnesses of an event: one task, leased and run in the publishing call. */
export const WITNESSES = 'local.witnesses'
/** Asynchronous processors of an event: one task for the ordered chain. */
export const PROCESSORS = 'local.processors'

/** A suspended event that goes on at a given time. */
export const RESUME = 'local.resume'

/** No lane of tasks: where the nodes count together what a tenant publishes. */
export const PUBLISHING = 'local.publishing'

/** Whatever runs processors. */
export const LOCAL_LANES: readonly string[] = [WITNESSES, PROCESSORS, RESUME]

export const isLocal = (subscription: string): boolean => subscription.startsWith('local.')

/** How often is for each witness to say (`retries`); what ends it is not the number of attempts. */
export const WITNESS_TERMS: Terms = {
  transport: 'processors',
  concurrency: 1_000,
  timeout: 600_000,
  retry: { attempts: Number.POSITIVE_INFINITY, firstDelay: 1_000, maxDelay: 60_000 },
}

/** @param concurrency chains of one tenant at once. @param attempts before a chain is given up. */
export const processorTerms = (concurrency: number, attempts: number): Terms => ({
  transport: 'processors',
  concurrency,
  timeout: 600_000,
  retry: { attempts, firstDelay: 1_000, maxDelay: 3_600_000 },
})

export const RESUME_TERMS: Terms = processorTerms(50, 10)

/**
 * Not bound to a group and born in the publisher's hands, unless what the event is about is locked.
 * @param under the locks its publisher holds while it waits for it.
 */
export const witnessCandidate = (under: string | null): Candidate => ({
  subscription: WITNESSES,
  order: 'none',
  priority: 'immediate',
  wakeAt: null,
  expiresAt: null,
  scope: 'tenant',
  lease: true,
  likeness: null,
  locks: true,
  under,
})

export const resumeCandidate = (until: number): Candidate => ({
  subscription: RESUME,
  order: 'none',
  priority: 'normal',
  wakeAt: until,
  expiresAt: null,
  scope: 'tenant',
  lease: false,
  likeness: null,
  locks: false,
  under: null,
})
