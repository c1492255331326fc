/**
 * How HTTP subscribers are tried again: a delivery policy of a topic or of a subscription, as a schedule of ours.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
import { AwsError } from '../aws-error.js'
import type { Json } from '../parameters.js'

export interface DeliveryRules {
  /** Milliseconds before the second attempt, the third, ... */
  readonly delays: readonly number[]
  /** Attempts per second. */
  readonly rate?: number
  readonly contentType?: string
}

const MINUTE = 60_000

/** Mail servers that are shy of strangers want to be asked again after minutes (ours: no page says how SNS does it). */
export const MAIL_RULES: DeliveryRules = { delays: [1, 5, 10, 20, 30, 60, 60, 120].map((each) => each * MINUTE) }

const HEALTHY = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
}

const FUNCTIONS = ['linear', 'arithmetic', 'geometric', 'exponential'] as const

/** Seconds that all retries may take. */
const LONGEST = 3_600

/** @throws AwsError `InvalidParameter`. An empty text is the default: three retries, twenty seconds apart */
export function readDeliveryPolicy(text = ''): DeliveryRules {
  const policy = text === '' ? {} : objectIn(text)
  const { http, healthyRetryPolicy, throttlePolicy, requestPolicy, ...more } = policy
  const inHttp = object(http, [
    'defaultHealthyRetryPolicy',
    'defaultThrottlePolicy',
    'defaultRequestPolicy',
    'disableSubscriptionOverrides',
  ])
  if (Object.keys(more).length > 0) throw bad(`no ${Object.keys(more)[0]}`)
  if (inHttp.disableSubscriptionOverrides === true) throw bad('no disableSubscriptionOverrides, which is not supported')
  const throttle = object(throttlePolicy ?? inHttp.defaultThrottlePolicy, ['maxReceivesPerSecond'])
  const request = object(requestPolicy ?? inHttp.defaultRequestPolicy, ['headerContentType'])
  const { maxReceivesPerSecond: rate } = throttle
  const { headerContentType: contentType } = request
  if (rate !== undefined && (typeof rate !== 'number' || rate < 1)) throw bad('a maxReceivesPerSecond of at least 1')
  if (
    contentType !== undefined &&
    (typeof contentType !== 'string' || !/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(contentType))
  )
    throw bad('a content type')
  return {
    delays: delaysOf(
      object(healthyRetryPolicy ?? inHttp.defaultHealthyRetryPolicy, [...Object.keys(HEALTHY), 'backoffFunction']),
    ),
    ...(typeof rate === 'number' && { rate }),
    ...(typeof contentType === 'string' && { contentType }),
  }
}

function delaysOf({ backoffFunction = 'linear', ...given }: Json): readonly number[] {
  const policy = { ...HEALTHY, ...given } as Record<keyof typeof HEALTHY, unknown>
  const numbers = Object.values(policy)
  if (
    !numbers.every(
      (each): each is number => typeof each === 'number' && Number.isInteger(each) && each >= 0 && each <= LONGEST,
    )
  )
    throw bad('whole numbers from 0 to 3600')
  const { minDelayTarget: least, maxDelayTarget: most, numRetries, ...phases } = policy as typeof HEALTHY
  const { numNoDelayRetries: none, numMinDelayRetries: min, numMaxDelayRetries: max } = phases
  const rising = numRetries - none - min - max
  const name = FUNCTIONS.find((each) => each === backoffFunction)
  if (name === undefined) throw bad(`a backoffFunction of ${FUNCTIONS.join(', ')}`)
  if (least < 1 || least > most || rising < 0 || numRetries > 99)
    throw bad(
      'a minDelayTarget of at least 1, not above maxDelayTarget, and numRetries from the sum of the phases to 99',
    )
  const seconds = [...fill(none, 0), ...fill(min, least), ...backOff(name, rising, least, most), ...fill(max, most)]
  if (seconds.reduce((sum, each) => sum + each, 0) > LONGEST) throw bad('retries that take 3600 seconds at most')
  return seconds.map((each) => Math.max(1, Math.round(each * 1_000)))
}

const fill = (count: number, value: number): readonly number[] => Array.from({ length: count }, () => value)

/** From the least to the most, in so many steps. */
function backOff(name: (typeof FUNCTIONS)[number], count: number, least: number, most: number): readonly number[] {
  const delays = {
    linear: (part: number) => least + (most - least) * part,
    arithmetic: (part: number) => least + (most - least) * part ** 2,
    geometric: (part: number) => least * (most / least) ** part,
    exponential: (_: number, index: number) => Math.min(most, least * 2 ** index),
  }
  return fill(count, 0).map((_, index) => delays[name](count === 1 ? 0 : index / (count - 1), index))
}

function objectIn(text: string): Json {
  try {
    return object(JSON.parse(text), null)
  } catch (error) {
    if (error instanceof AwsError) throw error
    throw bad('a JSON object')
  }
}

function object(value: unknown, names: readonly string[] | null): Json {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('objects')
  const stranger = Object.keys(value).find((name) => names !== null && !names.includes(name))
  if (stranger !== undefined) throw bad(`no ${stranger}`)
  return { ...value }
}

const bad = (expected: string): AwsError =>
  new AwsError('InvalidParameter', `Invalid parameter: DeliveryPolicy must hold ${expected}.`)
