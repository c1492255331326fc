/**
 * A change to a resource, as a caller asks for it. `derive.ts` turns it into graph steps and events.
 */
export type ResourceChange =
  | {
      readonly do: 'create'
      readonly id: string
      readonly type: string
      readonly owner?: string | null
      readonly status?: string | null
      readonly properties?: Readonly<Record<string, unknown>>
    }
  /** Properties are merged (RFC 7396: null removes); one `changed` however many there are. */
  | {
      readonly do: 'update'
      readonly id: string
      readonly owner?: string | null
      readonly status?: string | null
      readonly properties?: Readonly<Record<string, unknown>>
      /** Refused with `precondition_failed` if it is not the present one. */
      readonly revision?: number
    }
  | { readonly do: 'remove'; readonly id: string; readonly revision?: number }
  | {
      readonly do: 'link'
      readonly from: string
      readonly relation: string
      readonly to: string
      /** Nothing said: weak, or as it is already. */
      readonly strong?: boolean
      /** Of the resource it starts from. */
      readonly revision?: number
    }
  | {
      readonly do: 'unlink'
      readonly from: string
      readonly relation: string
      readonly to: string
      readonly revision?: number
    }
  | SubscriptionChange

/** Only for resources that are subscriptions: what a customer has bought. */
export type SubscriptionChange =
  | {
      readonly do: 'bind-to-domain'
      readonly id: string
      readonly domain: string
      /** The subscription that belongs to the domain. */
      readonly childId?: string
      readonly revision?: number
    }
  /** The limits are `properties.limits`, merged (RFC 7396). */
  | {
      readonly do: 'change-limits'
      readonly id: string
      readonly limits: Readonly<Record<string, unknown>>
      readonly revision?: number
    }
  /** A renewal begins. Times are RFC 3339. */
  | {
      readonly do: 'renew'
      readonly id: string
      readonly period: number
      /** Its unit, such as `month`. */
      readonly periodType: string
      readonly startDate?: string
      readonly expirationDate?: string
      readonly revision?: number
    }

export interface Link {
  readonly relation: string
  readonly from: string
  readonly to: string
  readonly strong: boolean
}

/** A resource without its links. */
export interface Found {
  readonly id: string
  readonly type: string
  readonly owner: string | null
  readonly status: string | null
  readonly revision: number
  readonly properties: Readonly<Record<string, unknown>>
  readonly createdAt: string
  readonly updatedAt: string
  readonly removedAt: string | null
}

/** A resource as callers see it. */
export interface Resource extends Found {
  /** By their other ends; at most the first 1,000. */
  readonly links: readonly Link[]
  /** There are further ones: `resources.links` has all, page by page. */
  readonly moreLinks: boolean
}
