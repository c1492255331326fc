/**
 * Accounts, ARNs and addresses of queues and topics.
 */
import { createHash } from 'node:crypto'
import { type Config, DEFAULT_TENANT, type PluginRequest } from '../../src/index.js'
import { AwsError } from './aws-error.js'

/** Where names are looked at from: one tenant, and how its caller reaches us. */
export interface Place {
  readonly tenant: string
  readonly region: string
  /** Twelve digits. */
  readonly account: string
  /** Origin, such as `http://localhost:7300`: the caller's own name for us, so that it can go on to use it. */
  readonly origin: string
}

export const placeOf = ({ profiles: { aws } }: Pick<Config, 'profiles'>, tenant: string, origin: string): Place => ({
  ...{ tenant, origin, region: aws.region },
  account: tenant === DEFAULT_TENANT && aws.account !== undefined ? aws.account : accountOf(tenant),
})

/** As the caller knows us; a signature covers it. */
export const originOf = ({ headers, connection }: Pick<PluginRequest, 'headers' | 'connection'>): string =>
  `${connection.secure || headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'}://${headers.host}`

/** Always the same for a tenant: its SHA-256 in twelve digits. */
export function accountOf(tenant: string): string {
  const digest = createHash('sha256').update(tenant).digest().readBigUInt64BE()
  return String(digest % 1_000_000_000_000n).padStart(12, '0')
}

const QUEUE_NAME = /^(?=.{1,80}$)[A-Za-z0-9_-]+(\.fifo)?$/
const TOPIC_NAME = /^(?=.{1,256}$)[A-Za-z0-9_-]+(\.fifo)?$/

export const isQueueName = (name: string): boolean => QUEUE_NAME.test(name)
export const isTopicName = (name: string): boolean => TOPIC_NAME.test(name)
export const isFifoName = (name: string): boolean => name.endsWith('.fifo')

export const queueArn = ({ region, account }: Place, name: string): string => `arn:aws:sqs:${region}:${account}:${name}`
export const queueUrl = ({ origin, account }: Place, name: string): string => `${origin}/${account}/${name}`
export const topicArn = ({ region, account }: Place, name: string): string => `arn:aws:sns:${region}:${account}:${name}`

/** The name in the address of a queue of this account, whatever its host; null for anything else. */
export function queueInUrl({ account }: Place, url: string): string | null {
  const [, owner, name] = /^(?:https?:\/\/[^/]+)?\/(\d{12})\/([^/?#]+)$/.exec(url) ?? []
  return owner === account && name !== undefined && isQueueName(name) ? name : null
}

/** The name in the ARN of a queue of this account and region; null for anything else. */
export const queueInArn = (place: Place, arn: string): string | null => nameIn(arn, queueArn(place, ''), isQueueName)

export const topicInArn = (place: Place, arn: string): string | null => nameIn(arn, topicArn(place, ''), isTopicName)

function nameIn(arn: string, beginning: string, isName: (name: string) => boolean): string | null {
  const name = arn.slice(beginning.length)
  return arn.startsWith(beginning) && isName(name) ? name : null
}

/** The id of a subscription that is a queue or a topic. One that would be too long is told by its digest. */
export function idFor(kind: 'sqs' | 'sns', name: string): string {
  const id = `${kind}.${name}`
  return id.length <= 100 ? id : `${id.slice(0, 60)}~${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
}

/** Whoever names another account is told so: tenants never see each other. */
export function requireOwnAccount({ account }: Place, named: unknown, parameter: string): void {
  if (named === undefined || named === '' || named === account) return
  throw new AwsError(
    'InvalidParameterValue',
    `${parameter}: only the account ${account} of this key is seen here; another tenant has keys of its own.`,
  )
}
