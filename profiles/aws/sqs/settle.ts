/**
 * DeleteMessage, ChangeMessageVisibility and their batches, by receipt handle.
 */
import { AwsError } from '../aws-error.js'
import { eachOf, entriesOf } from '../batch.js'
import { type Call, operation } from '../call.js'
import type { Queue } from '../directory.js'
import type { Json, Parameters } from '../parameters.js'
import { leaseIn } from './message.js'
import { queueOf } from './queues.js'

const oldCode = ({ oldCode: code }: AwsError): string => code

export const deleteMessage = operation('tasks:write', async (call) => {
  call.parameters.only('QueueUrl', 'ReceiptHandle')
  const queue = await queueOf(call)
  return remove(call, queue, [leaseIn(queue.name, call.parameters.text('ReceiptHandle'))])
})

/** One of a lease that is no longer held is deleted too, as far as the caller is told: so SQS has it. */
async function remove({ hub, principal }: Call, queue: Queue, leases: readonly string[]): Promise<Json> {
  if (leases.length > 0) await hub.tasks.settle(principal, queue.subscription.id, leases)
  return {}
}

/** All handles that can be read, in one commit. */
export const deleteMessageBatch = operation('tasks:write', async (call) => {
  call.parameters.only('QueueUrl', 'Entries')
  const queue = await queueOf(call)
  const entries = entriesOf(call.parameters, 'Entries')
  const leases: string[] = []
  const answer = await eachOf(entries, oldCode, async (entry) => {
    leases.push(leaseIn(queue.name, entry.only('Id', 'ReceiptHandle').text('ReceiptHandle')))
    return {}
  })
  await remove(call, queue, leases)
  return answer
})

export const changeMessageVisibility = operation('tasks:write', async (call) => {
  call.parameters.only('QueueUrl', 'ReceiptHandle', 'VisibilityTimeout')
  return change(call, await queueOf(call), call.parameters)
})

export const changeMessageVisibilityBatch = operation('tasks:write', async (call) => {
  call.parameters.only('QueueUrl', 'Entries')
  const queue = await queueOf(call)
  return eachOf(entriesOf(call.parameters, 'Entries'), oldCode, (entry) =>
    change(call, queue, entry.only('Id', 'ReceiptHandle', 'VisibilityTimeout')),
  )
})

async function change({ hub, principal }: Call, queue: Queue, given: Parameters): Promise<Json> {
  const lease = leaseIn(queue.name, given.text('ReceiptHandle'))
  const seconds = given.number('VisibilityTimeout', 0, 43_200)
  const { id } = queue.subscription
  const { lost } =
    seconds === 0
      ? await hub.tasks.release(principal, id, [lease], 0, true)
      : await hub.tasks.prolong(principal, id, [lease], seconds)
  if (lost.length === 0) return {}
  throw new AwsError(
    'MessageNotInflight',
    'The message is not in flight: it was deleted, or its visibility timeout has passed.',
  )
}
