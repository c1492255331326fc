/**
 * Who was mailed of which event, as every store decides it. The stores with SQL say the same in `sql/mail.ts`.
 */

/** One event to one person within a tenant; both are digests: whoever reads the table learns no address. */
export interface MailKey {
  readonly tenant: string
  readonly event: string
  readonly person: string
}

export interface MailClaim {
  /** One subscription telling one event, at any attempt. */
  readonly message: string
  readonly now: number
  /** Whoever holds the claim then is gone. */
  readonly until: number
  /** What this message itself had mailed by then is mailed once more (a replay); null: nothing is. */
  readonly again: number | null
}

/** `yours`: nobody else mails this until the claim ends. `told`: it was mailed already. `busy`: somebody else is at it. */
export type MailClaimed = 'yours' | 'told' | 'busy'

export interface MailEntry {
  readonly message: string
  /** Null: mailed. */
  readonly until: number | null
  readonly at: number
}

export function claimOf(entry: MailEntry | undefined, { message, now, again }: MailClaim): MailClaimed {
  if (entry === undefined) return 'yours'
  const isMine = entry.message === message
  if (entry.until === null) return isMine && again !== null && entry.at <= again ? 'yours' : 'told'
  return isMine || entry.until <= now ? 'yours' : 'busy'
}
