/**
 * The attributes of a queue, as they are set and as they are told. All values are strings on the wire.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
import { isObject } from '../../../src/index.js'
import { AwsError } from '../aws-error.js'
import { isFifoName, type Place, queueInArn } from '../names.js'
import { checkPolicy } from '../policy.js'

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string
  readonly maxReceiveCount: number
}

/** What is kept of a queue with its subscription. Times in seconds. */
export interface QueueSettings {
  readonly name: string
  readonly fifo: boolean
  readonly delay: number
  readonly visibility: number
  readonly retention: number
  readonly wait: number
  /** Bytes. */
  readonly maxSize: number
  readonly contentDedup: boolean
  readonly dedupScope: 'queue' | 'messageGroup'
  readonly throughput: 'perQueue' | 'perMessageGroupId'
  readonly redrive?: RedrivePolicy
  /** As it was set. */
  readonly redriveAllow?: string
  readonly policy?: string
  readonly tags: Readonly<Record<string, string>>
  /** Milliseconds since 1970: of the last purge. */
  readonly purgedAt?: number
}

const KIB = 1024

const NUMBERS = {
  DelaySeconds: { field: 'delay', least: 0, most: 900 },
  VisibilityTimeout: { field: 'visibility', least: 0, most: 43_200 },
  MessageRetentionPeriod: { field: 'retention', least: 60, most: 1_209_600 },
  ReceiveMessageWaitTimeSeconds: { field: 'wait', least: 0, most: 20 },
  MaximumMessageSize: { field: 'maxSize', least: KIB, most: KIB * KIB },
} as const

const WORDS = {
  DeduplicationScope: { field: 'dedupScope', words: ['queue', 'messageGroup'] },
  FifoThroughputLimit: { field: 'throughput', words: ['perQueue', 'perMessageGroupId'] },
} as const

const READ_ONLY = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'QueueArn',
] as const

const SETTABLE = [
  ...Object.keys(NUMBERS),
  ...Object.keys(WORDS),
  'FifoQueue',
  'ContentBasedDeduplication',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'Policy',
]

export const ATTRIBUTES: readonly string[] = [...SETTABLE, ...READ_ONLY, 'SqsManagedSseEnabled']

export const newQueue = (name: string): QueueSettings => ({
  ...{ name, fifo: isFifoName(name), delay: 0, visibility: 30, retention: 345_600, wait: 0, maxSize: KIB * KIB },
  ...{ contentDedup: false, dedupScope: 'queue', throughput: 'perQueue', tags: {} },
})

/** @throws AwsError `InvalidAttributeName`, `InvalidAttributeValue` */
export const withAttributes = (
  place: Place,
  queue: QueueSettings,
  attributes: Readonly<Record<string, string>>,
): QueueSettings =>
  Object.entries(attributes).reduce((set, [name, value]) => withAttribute(place, set, name, value), queue)

function withAttribute(place: Place, queue: QueueSettings, name: string, value: string): QueueSettings {
  if (name in NUMBERS) return withNumber(queue, name as keyof typeof NUMBERS, value)
  if (name in WORDS) return withWord(queue, name as keyof typeof WORDS, value)
  switch (name) {
    case 'FifoQueue':
      return withFifo(queue, value)
    case 'ContentBasedDeduplication':
      return { ...requireFifo(queue, name), contentDedup: flag(name, value) }
    case 'RedrivePolicy':
      return withRedrive(place, queue, value)
    case 'RedriveAllowPolicy':
      return withRedriveAllow(place, queue, value)
    case 'Policy':
      return withText(queue, 'policy', value === '' ? undefined : checkPolicy(place, value, 'sqs'))
    case 'SqsManagedSseEnabled':
      if (flag(name, value)) throw bad(name, 'false: what is kept here is encrypted by the disk it lies on')
      return queue
    default:
      throw unknown(name)
  }
}

function unknown(name: string): AwsError {
  if (/^Kms/.test(name)) return new AwsError('UnsupportedOperation', `${name}: there is no KMS here.`)
  if (READ_ONLY.some((each) => each === name)) return new AwsError('InvalidAttributeName', `${name} cannot be set.`)
  return new AwsError('InvalidAttributeName', `Unknown Attribute ${name}.`)
}

function withNumber(queue: QueueSettings, name: keyof typeof NUMBERS, value: string): QueueSettings {
  const { field, least, most } = NUMBERS[name]
  if (/^\d{1,9}$/.test(value) && Number(value) >= least && Number(value) <= most)
    return { ...queue, [field]: Number(value) }
  throw bad(name, `a whole number from ${least} to ${most}`)
}

function withWord(queue: QueueSettings, name: keyof typeof WORDS, value: string): QueueSettings {
  const { field, words } = WORDS[name]
  if (words.some((word) => word === value)) return { ...requireFifo(queue, name), [field]: value }
  throw bad(name, words.join(' or '))
}

function withFifo(queue: QueueSettings, value: string): QueueSettings {
  if (flag('FifoQueue', value) === queue.fifo) return queue
  throw queue.fifo
    ? bad('FifoQueue', 'true for a name that ends with .fifo')
    : new AwsError('InvalidParameterValue', 'The name of a FIFO queue ends with .fifo.')
}

function requireFifo(queue: QueueSettings, name: string): QueueSettings {
  if (queue.fifo) return queue
  throw new AwsError('InvalidAttributeName', `Only FIFO queues have ${name}.`)
}

function withRedrive(place: Place, { redrive: _, ...queue }: QueueSettings, value: string): QueueSettings {
  if (value === '' || value === '{}') return queue
  const { deadLetterTargetArn, maxReceiveCount = 10, ...more } = objectIn('RedrivePolicy', value)
  const count = Number(maxReceiveCount)
  const target = typeof deadLetterTargetArn === 'string' ? queueInArn(place, deadLetterTargetArn) : null
  if (target === null) throw bad('RedrivePolicy', 'deadLetterTargetArn, the ARN of a queue of this account')
  if (isFifoName(target) !== queue.fifo)
    throw bad('RedrivePolicy', 'a dead-letter queue of the same kind (FIFO or standard)')
  if (!Number.isInteger(count) || count < 1 || count > 1000)
    throw bad('RedrivePolicy', 'maxReceiveCount from 1 to 1000')
  if (Object.keys(more).length > 0) throw bad('RedrivePolicy', 'deadLetterTargetArn and maxReceiveCount alone')
  return { ...queue, redrive: { deadLetterTargetArn: String(deadLetterTargetArn), maxReceiveCount: count } }
}

function withRedriveAllow(place: Place, queue: QueueSettings, value: string): QueueSettings {
  if (value === '' || value === '{}') return withText(queue, 'redriveAllow', undefined)
  const { redrivePermission, sourceQueueArns } = objectIn('RedriveAllowPolicy', value)
  const sources: readonly unknown[] = Array.isArray(sourceQueueArns) ? sourceQueueArns : []
  const ours = sources.every((arn) => typeof arn === 'string' && queueInArn(place, arn) !== null)
  const named = redrivePermission === 'byQueue' ? sources.length >= 1 && sources.length <= 10 : sources.length === 0
  if (!['allowAll', 'denyAll', 'byQueue'].includes(String(redrivePermission)) || !ours || !named)
    throw bad('RedriveAllowPolicy', 'redrivePermission allowAll, denyAll, or byQueue with one to ten sourceQueueArns')
  return withText(queue, 'redriveAllow', value)
}

/** Whether a queue may send what it cannot get rid of to this one. */
export function allowsRedrive({ redriveAllow }: QueueSettings, source: string): boolean {
  if (redriveAllow === undefined) return true
  const { redrivePermission, sourceQueueArns } = objectIn('RedriveAllowPolicy', redriveAllow)
  if (redrivePermission === 'byQueue') return Array.isArray(sourceQueueArns) && sourceQueueArns.includes(source)
  return redrivePermission === 'allowAll'
}

function withText(queue: QueueSettings, field: 'policy' | 'redriveAllow', value: string | undefined): QueueSettings {
  const { [field]: _, ...rest } = queue
  return value === undefined ? rest : { ...rest, [field]: value }
}

function objectIn(name: string, text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // Told below.
  }
  throw bad(name, 'a JSON object')
}

function flag(name: string, value: string): boolean {
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
  throw bad(name, 'true or false')
}

/** What was set, as it is told. */
export const settingsAsAttributes = (queue: QueueSettings): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(Object.entries(NUMBERS).map(([name, { field }]) => [name, String(queue[field])])),
  ...(queue.fifo && {
    FifoQueue: 'true',
    ContentBasedDeduplication: String(queue.contentDedup),
    DeduplicationScope: queue.dedupScope,
    FifoThroughputLimit: queue.throughput,
  }),
  ...(queue.redrive && { RedrivePolicy: JSON.stringify(queue.redrive) }),
  ...(queue.redriveAllow !== undefined && { RedriveAllowPolicy: queue.redriveAllow }),
  ...(queue.policy !== undefined && { Policy: queue.policy }),
  SqsManagedSseEnabled: 'false',
})

const bad = (name: string, expected: string): AwsError =>
  new AwsError('InvalidAttributeValue', `Invalid value for the parameter ${name}: it must be ${expected}.`)
