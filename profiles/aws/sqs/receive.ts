/**
 * ReceiveMessage: takes what is due, or waits for it. What was received too often goes to the dead-letter queue instead.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
import { LRUCache } from 'lru-cache'
import type { LeasedTask } from '../../../src/index.js'
import { AwsError } from '../aws-error.js'
import { type Call, directory, operation } from '../call.js'
import type { Queue } from '../directory.js'
import { queueArn, queueInArn } from '../names.js'
import { isTopicMessage, queueMessageOf, type TopicMessage } from '../sns/notification.js'
import { signerOf } from '../sns/signing.js'
import { allowsRedrive } from './attributes.js'
import { type Asked, dataIn, messageFor, type QueueMessage, receiveCount, SYSTEM_ATTRIBUTES } from './message.js'
import { queueOf } from './queues.js'
import { addressOf } from './send.js'
import { sourceOf } from './source.js'

export const receiveMessage = operation('tasks:write', async (call) => {
  const { parameters, hub, principal, signal } = call
  parameters.only(
    ...['QueueUrl', 'AttributeNames', 'MessageSystemAttributeNames', 'MessageAttributeNames', 'MaxNumberOfMessages'],
    ...['VisibilityTimeout', 'WaitTimeSeconds'],
  )
  const queue = await queueOf(call)
  const asked = askedOf(call)
  const limit = parameters.optionalNumber('MaxNumberOfMessages', 1, 10) ?? 1
  const seconds = parameters.optionalNumber('VisibilityTimeout', 0, 43_200) ?? queue.visibility
  const wait = (parameters.optionalNumber('WaitTimeSeconds', 0, 20) ?? queue.wait) * 1_000
  for (const until = call.now + wait; ; ) {
    const waiting = { wait: Math.max(0, until - Date.now()), signal }
    const most = { limit, perGroup: limit }
    const leased = await hub.tasks.take(principal, queue.subscription.id, { ...most, seconds, ...waiting })
    const left = await withoutDead(call, queue, leased)
    if (left.length > 0) return { Messages: await Promise.all(left.map((each) => tell(call, queue, each, asked))) }
    if (leased.length === 0) return {}
  }
})

function askedOf({ parameters }: Call): Asked {
  const system = [...parameters.texts('AttributeNames'), ...parameters.texts('MessageSystemAttributeNames')]
  const stranger = system.find((name) => name !== 'All' && !SYSTEM_ATTRIBUTES.some((known) => known === name))
  if (stranger !== undefined) throw new AwsError('InvalidAttributeName', `Unknown Attribute ${stranger}.`)
  return { system, attributes: parameters.texts('MessageAttributeNames') }
}

/**
 * When a message was received first is known for a while to the node that gave it; nobody keeps it. Room for them is taken as
 * they come.
 */
const firstReceived = new LRUCache<string, number>({ maxSize: 100_000, sizeCalculation: () => 1 })

async function tell(call: Call, queue: Queue, leased: LeasedTask, asked: Asked) {
  const { hub, principal, now } = call
  const { task, event } = leased
  const key = `${principal.tenant}/${task.sequence}.${task.subscription}`
  const firstReceivedAt = firstReceived.get(key) ?? (receiveCount(task) === 1 ? now : task.createdAt)
  firstReceived.set(key, firstReceivedAt)
  const at = { queue: queue.name, source: await sourceOf(call, queue, leased) }
  const data = dataIn(event)
  const message = isTopicMessage(data)
    ? queueMessageOf(data as unknown as TopicMessage, event.sequence, at, await signerOf(hub))
    : (data as unknown as QueueMessage)
  return messageFor(leased, message, asked, { ...at, fifo: queue.fifo, firstReceivedAt })
}

/** Those that are not received too often; the others go to the dead-letter queue, if there is one that takes them. */
async function withoutDead(call: Call, queue: Queue, leased: readonly LeasedTask[]): Promise<readonly LeasedTask[]> {
  const { redrive, name } = queue
  if (redrive === undefined) return leased
  const dead = leased.filter(({ task }) => receiveCount(task) > redrive.maxReceiveCount)
  if (dead.length === 0) return leased
  const { queues } = await directory(call)
  const target = queues.get(queueInArn(call.place, redrive.deadLetterTargetArn) ?? '')
  if (!target || !allowsRedrive(target, queueArn(call.place, name))) return leased
  const to = { ...addressOf(target, call.now, 0) }
  await call.hub.tasks.move(
    call.principal,
    dead.map((each) => ({ leased: each, to })),
  )
  return leased.filter((each) => !dead.includes(each))
}
