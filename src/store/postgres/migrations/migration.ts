/**
 * One step of the schema: forward only, in one transaction; never edited once released.
 * `oldest` is the oldest schema version whose programs can still work with what this step leaves: what they use is only
 * removed by a later step (expand, then contract).
 */
export interface Migration {
  readonly version: number
  readonly oldest: number
  readonly sql: string
}
