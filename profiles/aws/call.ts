/**
 * One call of an operation, whatever the protocol it came by.
 */
import { type Hub, isObject, type Principal, type Scope } from '../../src/index.js'
import { type Directory, directoryOf } from './directory.js'
import type { Place } from './names.js'
import type { Json, Parameters } from './parameters.js'

export interface Call {
  readonly hub: Hub
  /** Acts for the whole tenant, in the name of the key. */
  readonly principal: Principal
  readonly place: Place
  /** As the JSON protocol has them: the query protocol's are read into the same shape. */
  readonly parameters: Parameters
  readonly now: number
  /** Aborted when the caller goes. */
  readonly signal: AbortSignal
}

export interface Operation {
  readonly scope: Scope
  run(call: Call): Promise<Json>
}

export const operation = (scope: Scope, run: Operation['run']): Operation => ({ scope, run })

export const directory = async ({ hub, principal }: Pick<Call, 'hub' | 'principal'>): Promise<Directory> => {
  const known = hub.subscriptions.known(principal.tenant)
  return directoryOf(known instanceof Promise ? await known : known)
}

/** A merge patch (RFC 7396) that makes one object of another. */
export const patchTo = (before: Json, after: Json): Json => ({
  ...Object.fromEntries(Object.keys(before).map((key) => [key, null])),
  ...Object.fromEntries(
    Object.entries(after).map(([key, value]) => {
      const old = before[key]
      return [key, isObject(old) && isObject(value) ? patchTo(old, value) : value]
    }),
  ),
})

const PAGE = 1_000

/** One page of what is in order by name; the token is the last name of the page before. */
export function page<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  { token, most = PAGE }: { readonly token: string | undefined; readonly most?: number | undefined },
): { readonly items: readonly Item[]; readonly next: string | undefined } {
  const after = token === undefined ? null : Buffer.from(token, 'base64url').toString()
  const left = after === null ? items : items.filter((item) => nameOf(item) > after)
  const last = left.length > most ? left[most - 1] : undefined
  const next = last === undefined ? undefined : Buffer.from(nameOf(last)).toString('base64url')
  return { items: left.slice(0, most), next }
}
