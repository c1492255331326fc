/**
 * StartMessageMoveTask: what lies in a dead-letter queue goes back where it was sent, or to another queue.
 * A move runs in the process that was asked, and is known there: after a restart it is started again.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 */
import { randomUUID } from 'node:crypto'
import { messageOf } from '../../../src/index.js'
import { AwsError } from '../aws-error.js'
import { type Call, directory, operation } from '../call.js'
import type { Queue } from '../directory.js'
import { queueInArn } from '../names.js'
import type { Json } from '../parameters.js'
import { addressOf } from './send.js'
import { sourceOf } from './source.js'

interface Move {
  readonly handle: string
  readonly tenant: string
  readonly source: string
  readonly destination: string | undefined
  readonly rate: number | undefined
  readonly startedAt: number
  readonly total: number
  status: 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED'
  moved: number
  failure: string | undefined
}

const KEPT = 10
/** The latest of each queue, newest first. */
const moves = new Map<string, Move[]>()

const keyOf = (tenant: string, arn: string): string => `${tenant} ${arn}`
const movesOf = (tenant: string, arn: string): readonly Move[] => moves.get(keyOf(tenant, arn)) ?? []

async function queueByArn(call: Call, arn: string): Promise<Queue> {
  const queue = (await directory(call)).queues.get(queueInArn(call.place, arn) ?? '')
  if (queue) return queue
  throw new AwsError('ResourceNotFoundException', 'The resource that you specified does not exist.')
}

export const startMessageMoveTask = operation('tasks:write', async (call) => {
  const { parameters, hub, principal, now } = call
  parameters.only('SourceArn', 'DestinationArn', 'MaxNumberOfMessagesPerSecond')
  const source = parameters.text('SourceArn')
  const destination = parameters.optionalText('DestinationArn')
  const rate = parameters.optionalNumber('MaxNumberOfMessagesPerSecond', 1, 500)
  const queue = await queueByArn(call, source)
  if (destination !== undefined) await queueByArn(call, destination)
  const { queues } = await directory(call)
  if (![...queues.values()].some(({ redrive }) => redrive?.deadLetterTargetArn === source))
    throw new AwsError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.')
  if (movesOf(principal.tenant, source).some(({ status }) => status === 'RUNNING'))
    throw new AwsError(
      'UnsupportedOperation',
      'There is already a task running. Only one active task is allowed for a source queue.',
    )
  const { unprocessed: total } = await hub.tasks.counts(principal, { subscription: queue.subscription.id })
  const move: Move = {
    ...{ handle: Buffer.from(randomUUID()).toString('base64'), tenant: principal.tenant, source, destination, rate },
    ...{ startedAt: now, total, status: 'RUNNING', moved: 0, failure: undefined },
  }
  moves.set(keyOf(principal.tenant, source), [move, ...movesOf(principal.tenant, source)].slice(0, KEPT))
  void run(call, queue, move)
  return { TaskHandle: move.handle }
})

async function run(call: Call, queue: Queue, move: Move): Promise<void> {
  try {
    while (move.status === 'RUNNING' && (await moveSome(call, queue, move))) await pause(move)
    move.status = move.status === 'RUNNING' ? 'COMPLETED' : 'CANCELLED'
  } catch (error) {
    move.status = 'FAILED'
    move.failure = messageOf(error)
  }
}

/** A second's worth at once. */
const pause = ({ rate }: Move): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, rate === undefined ? 0 : 1_000).unref()
  })

/** Whether there was something. What came from nowhere that is left stays, and ends the move. */
async function moveSome(call: Call, queue: Queue, move: Move): Promise<boolean> {
  const { hub, principal, place } = call
  const limit = Math.min(move.rate ?? 100, 100)
  const leased = await hub.tasks.take(principal, queue.subscription.id, { limit, perGroup: limit, seconds: 60 })
  if (leased.length === 0) return false
  const { queues } = await directory(call)
  const destinations = await Promise.all(leased.map((each) => move.destination ?? sourceOf(call, queue, each)))
  const moving = leased.map((each, index) => {
    const target = queues.get(queueInArn(place, destinations[index] ?? '') ?? '')
    if (!target || target.name === queue.name)
      throw new AwsError(
        'ResourceNotFoundException',
        `A message came from no queue that is there: name a DestinationArn. ${each.event.source}`,
      )
    return { leased: each, to: addressOf(target, Date.now(), 0) }
  })
  await hub.tasks.move(principal, moving)
  move.moved += moving.length
  return true
}

export const cancelMessageMoveTask = operation('tasks:write', async ({ parameters, principal }) => {
  parameters.only('TaskHandle')
  const handle = parameters.text('TaskHandle')
  const move = [...moves.values()].flat().find((each) => each.handle === handle && each.tenant === principal.tenant)
  if (move?.status !== 'RUNNING') throw new AwsError('ResourceNotFoundException', 'No active task has this TaskHandle.')
  move.status = 'CANCELLING'
  return { ApproximateNumberOfMessagesMoved: move.moved }
})

export const listMessageMoveTasks = operation('tasks:read', async (call) => {
  const { parameters, principal } = call
  parameters.only('SourceArn', 'MaxResults')
  const most = parameters.optionalNumber('MaxResults', 1, 10) ?? 1
  const source = parameters.text('SourceArn')
  await queueByArn(call, source)
  return { Results: movesOf(principal.tenant, source).slice(0, most).map(told) }
})

const told = ({ handle, source, destination, rate, startedAt, total, status, moved, failure }: Move): Json => ({
  Status: status,
  SourceArn: source,
  ...(status === 'RUNNING' && { TaskHandle: handle }),
  ...(destination !== undefined && { DestinationArn: destination }),
  ...(rate !== undefined && { MaxNumberOfMessagesPerSecond: rate }),
  ApproximateNumberOfMessagesMoved: moved,
  ApproximateNumberOfMessagesToMove: total,
  StartedTimestamp: startedAt,
  ...(failure !== undefined && { FailureReason: failure }),
})
