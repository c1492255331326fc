/**
 * Where a message in a dead-letter queue was before.
 */
import type { LeasedTask } from '../../../src/index.js'
import { type Call, directory } from '../call.js'
import type { Queue } from '../directory.js'
import { queueArn } from '../names.js'

/**
 * The ARN of the queue; undefined for a message that was not moved here. One that was sent to a queue names that. What a
 * topic told may have gone to several: the task that it left, kept as long as what is finished, says from which it came.
 */
export async function sourceOf(call: Call, queue: Queue, { event }: LeasedTask): Promise<string | undefined> {
  const arn = queueArn(call.place, queue.name)
  if (event.source.startsWith('arn:aws:sqs:')) return event.source === arn ? undefined : event.source
  const { queues } = await directory(call)
  const sources = [...queues.values()].filter(({ redrive }) => redrive?.deadLetterTargetArn === arn)
  if (sources.length === 0) return undefined
  const left = { event: String(event.sequence), codes: ['moved'] }
  const { items } = await call.hub.tasks.list(call.principal, left, {})
  const came = sources.find(({ subscription }) => items.some((task) => task.subscription === subscription.id))
  return came && queueArn(call.place, came.name)
}
