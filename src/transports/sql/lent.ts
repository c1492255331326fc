/**
 * Connections of a pool.
 */

export interface Lender<Client> {
  take(): Promise<Client>
  giveBack(client: Client, isBroken: boolean): void
}

/** A connection for this work alone. After any failure, and when aborted, it is thrown away: nobody knows what state it is in. */
export async function lent<Client, Result>(
  { take, giveBack }: Lender<Client>,
  signal: AbortSignal,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await take()
  let isHeld = true
  const letGo = (isBroken: boolean) => {
    if (isHeld) giveBack(client, isBroken)
    isHeld = false
  }
  const onAbort = () => letGo(true)
  signal.addEventListener('abort', onAbort)
  try {
    signal.throwIfAborted()
    const result = await work(client)
    letGo(false)
    return result
  } catch (error) {
    letGo(true)
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
