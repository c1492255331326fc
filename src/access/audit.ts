/** What was done to who may speak, told to whoever keeps the audit trail. */
export type AccessAudit = (entry: {
  /** Of what was changed, not of who did it. */
  readonly tenant: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** The principal that did it. */
  readonly actor: string
  readonly action: 'key.create' | 'key.revoke' | 'tenant.create' | 'tenant.update'
  readonly object: string
  /** Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>
}) => Promise<void>
