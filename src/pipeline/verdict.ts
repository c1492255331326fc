/**
 * What a judge may answer: a closed vocabulary.
 */
import type { AnyEvent } from '../event/envelope.js'
import type { OperationResult } from './operation-result.js'

export type Verdict = (
  | { readonly verdict: 'continue'; readonly event?: AnyEvent }
  | { readonly verdict: 'close'; readonly event?: AnyEvent }
  | { readonly verdict: 'suspend'; readonly until?: number; readonly event?: AnyEvent }
  | {
      readonly verdict: 'reject'
      readonly code: string
      readonly message: string
      readonly texts?: Readonly<Record<string, string>>
    }
) & { readonly results?: readonly OperationResult[] }

/** Go on, perhaps with a changed event (its id, source, type and tenant stay). */
export const proceed = (event?: AnyEvent): Verdict => ({ verdict: 'continue', ...(event && { event }) })

/** Enough: the event is stored, later processors and subscribers do not get it. */
export const close = (): Verdict => ({ verdict: 'close' })

/** Not yet: stored where it is; goes on at `until` (milliseconds since 1970) or when resumed. */
export const suspend = (until?: number): Verdict => ({ verdict: 'suspend', ...(until !== undefined && { until }) })

/** No: nothing is stored, the publisher is told. `texts`: the message by language tag. */
export const reject = (code: string, message: string, texts?: Readonly<Record<string, string>>): Verdict => ({
  verdict: 'reject',
  code,
  message,
  ...(texts && { texts }),
})
