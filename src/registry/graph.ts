/**
 * The graph of resources as the commit sees it: the steps of a change, and the facts visibility asks for.
 */

/** What one operation does to the graph; refused whole if an expected revision is not the present one. */
export interface GraphChange {
  /** `null`: must not exist (or was removed). */
  readonly expect: readonly { readonly id: string; readonly revision: number | null }[]
  readonly steps: readonly GraphStep[]
}

export type GraphStep =
  /** Creates or replaces; the revision is the expected one plus one (1 when new). */
  | {
      readonly do: 'put'
      readonly id: string
      readonly type: string
      readonly owner: string | null
      readonly status: string | null
      /** JSON object. */
      readonly properties: string
    }
  /** The row stays, marked removed; its links end. */
  | { readonly do: 'remove'; readonly id: string }
  /** Raises the revision of `from`. A link that holds already is left alone. */
  | {
      readonly do: 'link'
      readonly from: string
      readonly relation: string
      readonly to: string
      readonly strong: boolean
    }
  | { readonly do: 'unlink'; readonly from: string; readonly relation: string; readonly to: string }

/** What visibility needs to know of one moment. A resource that does not exist has no owner and no links. */
export interface GraphFacts {
  readonly subscriberOwner: string | null
  readonly sourceOwner: string | null
  /** The subscriber is the source itself. */
  readonly same: boolean
  /** The subscriber and the source are linked, in either direction. */
  readonly linked: boolean
  /** The source's owner and the subscriber are linked, in either direction. */
  readonly ownerLinked: boolean
}
