/**
 * Access policies of queues and topics. Who may do what is said by the scopes of keys, and nobody of another account is let
 * in: so a policy is taken if it allows what is allowed anyway (this account, and topics of this account into its queues),
 * kept and told again; what it would forbid or give to others is refused, as it would not be kept to.
 */
import { isObject } from '../../src/index.js'
import { AwsError } from './aws-error.js'
import type { Place } from './names.js'

type Json = Readonly<Record<string, unknown>>

/** @returns the policy, as it was set. @throws AwsError `InvalidAttributeValue`, `InvalidParameter` */
export function checkPolicy(place: Place, text: string, service: 'sqs' | 'sns'): string {
  const { Statement, Version: _, Id: __, ...more } = parsed(text, service)
  const statements: readonly unknown[] = [Statement].flat()
  if (Object.keys(more).length > 0 || statements.length === 0) throw refused(service, 'Version, Id and Statement')
  for (const statement of statements) checkStatement(place, statement, service)
  return text
}

function checkStatement(place: Place, statement: unknown, service: 'sqs' | 'sns'): void {
  if (!isObject(statement)) throw refused(service, 'statements')
  const { Effect, Principal, Condition, NotPrincipal, NotAction } = statement
  if (Effect !== 'Allow' || NotPrincipal !== undefined || NotAction !== undefined)
    throw refused(service, 'statements that allow: to forbid something, narrow the scopes of a key')
  const principals = principalsIn(Principal)
  const conditioned =
    JSON.stringify(Condition ?? {}).includes(`:${place.account}`) || mentions(Condition, place.account)
  const isOurs = (principal: string) =>
    principal === place.account ||
    principal.startsWith(`arn:aws:iam::${place.account}:`) ||
    principal === 'sns.amazonaws.com' ||
    (principal === '*' && conditioned)
  const stranger = principals.find((principal) => !isOurs(principal))
  if (principals.length > 0 && stranger === undefined) return
  throw refused(
    service,
    `principals of the account ${place.account}, sns.amazonaws.com, or * with a condition on aws:SourceArn or aws:SourceAccount of it: others get a key of their own`,
  )
}

const principalsIn = (principal: unknown): readonly string[] =>
  typeof principal === 'string'
    ? [principal]
    : isObject(principal)
      ? Object.values(principal).flatMap((each) => [each].flat().map(String))
      : []

/** A condition on where it comes from that names the account. */
const mentions = (condition: unknown, account: string): boolean =>
  isObject(condition) &&
  Object.values(condition).some(
    (test) =>
      isObject(test) &&
      Object.entries(test).some(([key, value]) => /^aws:Source/i.test(key) && JSON.stringify(value).includes(account)),
  )

function parsed(text: string, service: 'sqs' | 'sns'): Json {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // Told below.
  }
  throw refused(service, 'a JSON object')
}

const refused = (service: 'sqs' | 'sns', expected: string): AwsError =>
  new AwsError(
    service === 'sqs' ? 'InvalidAttributeValue' : 'InvalidParameter',
    `Invalid value for the parameter Policy: it must hold ${expected}.`,
  )
