/**
 * Many resources at once: what a store takes of an import, batch by batch, and how far it is. A link to what is not there yet
 * waits in the store, so that neither memory nor the order of the lines matters.
 */

/** A resource as a line says it: its whole state, and links that begin at it. Links it does not name stay. */
export interface ImportedResource {
  readonly line: number
  readonly id: string
  readonly type: string
  readonly owner: string | null
  readonly status: string | null
  /** JSON object. */
  readonly properties: string
  readonly links: readonly ImportedLink[]
}

export interface ImportedLink {
  /** Which of the line's links, from 0. */
  readonly place: number
  readonly relation: string
  readonly to: string
  readonly strong: boolean
}

/** A link whose other end was not there when its line was read. */
export interface AwaitedLink extends ImportedLink {
  readonly line: number
  readonly from: string
}

export interface Tally {
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  /** Links begun. */
  readonly links: number
  /** Lines, or links of lines, that were not taken. */
  readonly refused: number
}

export interface ImportRow extends Tally {
  readonly tenant: string
  readonly id: string
  readonly state: 'open' | 'done'
  /** Nothing is written but how far it is. */
  readonly dryRun: boolean
  /** All lines up to this one are done. */
  readonly line: number
  readonly startedAt: number
  readonly updatedAt: number
}

export interface ImportBatch {
  readonly tenant: string
  readonly id: string
  readonly dryRun: boolean
  /** The line it goes on after: where the import must stand. 0 begins it. */
  readonly after: number
  /** Its last line. */
  readonly line: number
  readonly at: number
  /** The principal that imports. */
  readonly actor: string
  readonly resources: readonly ImportedResource[]
  /** What the caller has done itself, by changes that became events. */
  readonly awaited: readonly AwaitedLink[]
  readonly done: Tally
}

export interface ImportAnswer {
  readonly row: ImportRow
  /** Lines whose resource is there with another type; they were not taken, and count as refused. */
  readonly otherType: readonly { readonly line: number; readonly type: string }[]
  /** Subscriptions that looked from the place of what had an id before. */
  readonly ended?: { readonly keys: readonly string[]; readonly subscriptions: readonly string[] }
}

export interface ImportStore {
  get(tenant: string, id: string): Promise<ImportRow | null>
  /**
   * Takes the lines at once, or none; what is written gets one sequence of the tenant, and no event. Null if the import does
   * not stand at `after`, is done, or is of the other kind (`dryRun`).
   */
  take(batch: ImportBatch): Promise<ImportAnswer | null>
  /** The first links that still wait, by line and place; `isThere`: the other end has come. */
  awaited(tenant: string, id: string, limit: number): Promise<readonly (AwaitedLink & { readonly isThere: boolean })[]>
  /**
   * These wait no longer. With `write` those whose ends are both there begin, in one sequence.
   * @param done what the caller has counted, beside the links that this begins.
   */
  settle(
    key: { readonly tenant: string; readonly id: string; readonly at: number },
    links: readonly AwaitedLink[],
    options: { readonly write: boolean; readonly done: Tally },
  ): Promise<ImportRow | null>
  /** Nothing waits for it any more. Null if it is not there. */
  finish(tenant: string, id: string, at: number): Promise<ImportRow | null>
}

export const NOTHING_DONE: Tally = { created: 0, changed: 0, unchanged: 0, links: 0, refused: 0 }

export const added = (one: Tally, other: Tally): Tally => ({
  created: one.created + other.created,
  changed: one.changed + other.changed,
  unchanged: one.unchanged + other.unchanged,
  links: one.links + other.links,
  refused: one.refused + other.refused,
})
