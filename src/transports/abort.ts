/**
 * The end of an attempt from our side: its deadline, a cancelled task, a shutdown. Whoever aborted knows which.
 */

/** What the work gives, or the signal's reason as soon as it is aborted; the work must watch the signal itself to stop. */
export async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  let stopListening = () => {}
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    stopListening = () => signal.removeEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([work(), aborted])
  } finally {
    stopListening()
  }
}
