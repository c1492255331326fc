/**
 * The end of an attempt from our side: its deadline, a cancelled task, a shutdown. Whoever aborted knows which.
 */
import type { StopSignal } from '../pipeline/stop.js'

/** What the work gives, or the signal's reason as soon as it is aborted; the work must watch the signal itself to stop. */
export function untilAborted<T>(signal: StopSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort)
    // No `race` and no `finally`: each delivery passes here.
    work().then(
      (value) => {
        signal.removeEventListener('abort', onAbort)
        resolve(value)
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort)
        reject(error)
      },
    )
  })
}
