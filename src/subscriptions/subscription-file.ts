/**
 * Subscriptions as a file says them, by id: compared with those that are there. Secrets are never written out; those a file
 * does not say stay as they are.
 */
import { isDeepStrictEqual } from 'node:util'
import { invalid } from '../event/schema-error.js'
import { isObject } from '../json-object.js'
import type { SubscriptionRow } from '../store/rows.js'
import { type SubscriptionSpec, specIn } from './subscription.js'
import type { ParsedSpec } from './subscription-schema.js'
import type { SubscriptionSecrets } from './subscription-secrets.js'
import { type TargetSecrets, withKept } from './target-secrets.js'

export interface SubscriptionChange {
  readonly id: string
  readonly change: 'add' | 'change' | 'remove'
  /** The members that differ; `secrets` only says that they do. */
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}

/** @throws InvalidInput with a field such as `subscriptions.hr.name` */
export function readSubscriptionFile(value: unknown): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
  if (!isObject(value)) throw invalid('The subscriptions are no object.', 'subscriptions', 'subscriptions by id')
  return new Map(
    Object.entries(value).map(([id, said]) => {
      const field = `subscriptions.${id}`
      // `local.` are our own lanes.
      if (!/^[\w-][\w.-]{0,63}$/.test(id) || id.startsWith('local.'))
        throw invalid('This is no id of a subscription.', field, '1 to 64 letters, digits or any of _ . -, not local.')
      if (!isObject(said)) throw invalid('The subscription is no object.', field, 'its members')
      return [id, said] as const
    }),
  )
}

/** What the file says, with what it leaves to what is there: secrets, and what is chosen once. */
export function saidOver(
  said: Readonly<Record<string, unknown>>,
  old: { readonly spec: SubscriptionSpec; readonly secrets: SubscriptionSecrets },
): Readonly<Record<string, unknown>> {
  const { spec, secrets } = old
  for (const member of ['start', 'delivery'] as const)
    if (member in said && said[member] !== spec[member])
      throw invalid(`The ${member} of a subscription is chosen once.`, member, String(spec[member]))
  const kept = said.transport === spec.transport && isObject(said.target ?? {})
  const target = kept ? withKept((said.target ?? {}) as SubscriptionSpec['target'], secrets.target) : said.target
  return { ...said, start: spec.start, delivery: spec.delivery, ...(target !== undefined && { target }) }
}

export const toFile = (row: SubscriptionRow): SubscriptionSpec => specIn(row)

/** Null: nothing differs. */
export function changeOf(
  id: string,
  old: { readonly spec: SubscriptionSpec; readonly secrets: TargetSecrets } | null,
  parsed: ParsedSpec | null,
): SubscriptionChange | null {
  const was = old && ({ ...old.spec } as Record<string, unknown>)
  const is = parsed && ({ ...parsed.spec } as Record<string, unknown>)
  if (was === null || is === null) return { id, change: was === null ? 'add' : 'remove', before: was, after: is }
  const members = [...new Set([...Object.keys(was), ...Object.keys(is)])]
  const differing = members.filter((member) => !isDeepStrictEqual(was[member], is[member]))
  const secrets = isDeepStrictEqual(old?.secrets, parsed?.secrets) ? {} : { secrets: '(changed)' }
  if (differing.length === 0 && !('secrets' in secrets)) return null
  const only = (of: Record<string, unknown>) =>
    Object.fromEntries(differing.map((member) => [member, of[member] ?? null]))
  return { id, change: 'change', before: only(was), after: { ...only(is), ...secrets } }
}
