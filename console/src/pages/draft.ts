/**
 * A subscription that is being made, and what the API is told of it.
 */
import type { Manner } from './manner.js'
import { type Wish, wishOf } from './wish.js'

export interface Draft extends Wish {
  readonly name: string
  readonly transport: string
  readonly target: Readonly<Record<string, unknown>>
  readonly wholeTenant: boolean
  readonly start: 'now' | 'earliest'
  readonly manner: Manner
}

export const EMPTY: Draft = {
  name: '',
  types: [],
  transport: '',
  target: {},
  filters: '',
  wholeTenant: false,
  redacted: false,
  sees: [],
  start: 'now',
  manner: {},
}

/** What it wants to hear of. @throws SyntaxError for filters that are no JSON */
export const heardBy = (draft: Draft) => ({ ...wishOf(draft), ...(draft.wholeTenant && { scope: 'tenant' }) })

/** As the API takes it. @throws SyntaxError for filters that are no JSON */
export const inputOf = (draft: Draft) => ({
  name: draft.name,
  transport: draft.transport,
  target: draft.target,
  ...heardBy(draft),
  ...(draft.start !== 'now' && { start: draft.start }),
  ...draft.manner,
})
