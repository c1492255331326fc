/**
 * The secrets of a subscription, sealed as one: those of its target by path, and those that sign.
 */
import type { SigningKey } from '../formats/standard-webhooks.js'
import type { Subscription, SubscriptionSpec } from './subscription.js'
import { joinSecrets, type TargetSecrets } from './target-secrets.js'

/** What seals and opens; `context` is bound to the seal, so that a sealed text moved to another row stays shut. */
export interface Sealer {
  seal(plain: string, context: string): string
  /** @throws Fault `seal_broken` */
  open(sealed: string, context: string): string
}

/** `secret` signs. */
export interface SigningSecret extends SigningKey {
  /** Not used at or after this time, milliseconds; absent: for good. */
  readonly until?: number
}

export interface SubscriptionSecrets {
  readonly target: TargetSecrets
  /** The present one first. */
  readonly signing: readonly SigningSecret[]
}

export const NO_SECRETS: SubscriptionSecrets = { target: {}, signing: [] }

type Sealed = Pick<Subscription, 'tenant' | 'id' | 'secrets'>

/** What a subscription's seal is bound to. */
export const contextOf = ({ tenant, id }: Pick<Sealed, 'tenant' | 'id'>): string =>
  JSON.stringify(['subscription', tenant, id])

/** Null when there is nothing to keep. */
export function sealSecrets(
  { target, signing }: SubscriptionSecrets,
  subscription: Pick<Sealed, 'tenant' | 'id'>,
  sealer: Sealer,
): string | null {
  if (Object.keys(target).length === 0 && signing.length === 0) return null
  return sealer.seal(JSON.stringify({ target, signing }), contextOf(subscription))
}

/** @throws Fault `seal_broken` */
export function openSecrets(subscription: Sealed, sealer: Sealer): SubscriptionSecrets {
  if (subscription.secrets === null) return NO_SECRETS
  return JSON.parse(sealer.open(subscription.secrets, contextOf(subscription))) as SubscriptionSecrets
}

/** What a transport's `open` takes: the whole target, and the secrets that still sign at `now`. */
export function openTarget(
  subscription: Sealed & { readonly spec: Pick<SubscriptionSpec, 'target'> },
  sealer: Sealer,
  now: number,
): { readonly target: SubscriptionSpec['target']; readonly signing: readonly SigningSecret[] } {
  const { target, signing } = openSecrets(subscription, sealer)
  return { target: joinSecrets(subscription.spec.target, target), signing: stillSigning(signing, now) }
}

/** What the receiver checks signatures with. */
export type ShownKey = { readonly secret: string } | { readonly publicKey: string }

export const shown = ({ secret, publicKey }: SigningKey): ShownKey =>
  publicKey === undefined ? { secret } : { publicKey }

/** A new key signs; the present one goes on for `overlap` milliseconds, older ones end as they would. */
export const rotated = (
  signing: readonly SigningSecret[],
  key: SigningKey,
  now: number,
  overlap: number,
): readonly SigningSecret[] => [
  key,
  ...stillSigning(
    signing.map((old) => ({ ...old, until: Math.min(old.until ?? Infinity, now + overlap) })),
    now,
  ),
]

const stillSigning = (signing: readonly SigningSecret[], now: number): readonly SigningSecret[] =>
  signing.filter(({ until }) => until === undefined || now < until)
