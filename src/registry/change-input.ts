/**
 * What is asked of a change before anything is looked up.
 */
import { InvalidInput } from '../errors.js'
import type { ResourceChange } from './change.js'
import { checkSubscriptionChange, isOfSubscription } from './subscription-changes.js'

const NAME = /^[^\p{Cc}\p{Cs}]{1,256}$/u

/** @throws InvalidInput `invalid_request` with the field */
export function checkName(field: string, value: unknown): asserts value is string {
  if (typeof value === 'string' && NAME.test(value)) return
  throw new InvalidInput('invalid_request', `The ${field} is not valid.`, {
    field,
    expected: '1 to 256 characters, no control characters',
  })
}

/** @throws InvalidInput `invalid_request` with the field */
export function checkChange(change: ResourceChange): void {
  for (const [field, value] of namesIn(change)) checkName(field, value)
  if (isOfSubscription(change)) checkSubscriptionChange(change)
}

function namesIn(change: ResourceChange): readonly (readonly [string, unknown])[] {
  if (change.do === 'link' || change.do === 'unlink')
    return [
      ['from', change.from],
      ['relation', change.relation],
      ['to', change.to],
    ]
  const owner = change.do === 'create' || change.do === 'update' ? (change.owner ?? null) : null
  return [
    ['id', change.id],
    ...(change.do === 'create' ? [['type', change.type] as const] : []),
    ...(owner === null ? [] : [['owner', owner] as const]),
  ]
}
