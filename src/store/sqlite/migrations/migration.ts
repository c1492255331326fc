/** One step of the schema: forward only, in one transaction; never edited once released. */
export interface Migration {
  readonly version: number
  readonly sql: string
}
