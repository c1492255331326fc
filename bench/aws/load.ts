/**
 * The process of the clients.
 */
import { paced } from '../paced.js'
import { type Keys, restQueue, snsTopic, sqsQueue } from './client.js'
import { phases } from './phases.js'

export type Load =
  | { readonly by: 'sqs'; readonly origin: string; readonly keys: Keys; readonly queue: string; readonly count: number }
  | {
      readonly by: 'rest'
      readonly origin: string
      readonly key: string
      readonly subscription: string
      readonly count: number
    }
  | {
      readonly by: 'sns'
      readonly origin: string
      readonly keys: Keys
      readonly queue: string
      readonly topic: string
      readonly rate: number
      readonly count: number
    }

process.on('message', async (load: Load) => process.send?.(await run(load)))
process.on('disconnect', () => process.exit())
process.send?.('ready')

async function run(load: Load) {
  if (load.by === 'sns') return latency(load)
  const queue =
    load.by === 'sqs'
      ? sqsQueue(load.origin, load.keys, load.queue)
      : restQueue(load.origin, load.key, load.subscription)
  try {
    return await phases(queue, load.count)
  } finally {
    await queue.close()
  }
}

/** So many go before, that all is compiled. */
const WARMING = 200
const WARM = 'warm'

/** Receivers that wait at the queue at any time. */
const RECEIVERS = 4

/** From publish to the answer of a receive that waited for it. */
async function latency({ origin, keys, queue: url, topic: arn, rate, count }: Extract<Load, { by: 'sns' }>) {
  const [queue, topic] = [sqsQueue(origin, keys, url), snsTopic(origin, keys, arn)]
  let left = count + WARMING
  const receiver = async (arrived: (index: number) => void) => {
    while (left > 0) {
      const found = await queue.receive()
      left -= found.length
      for (const { body } of found) if (body !== WARM) arrived(Number(body))
      if (found.length > 0) await queue.remove(found.map(({ handle }) => handle))
    }
  }
  try {
    let receivers: Promise<unknown> = Promise.resolve()
    const figures = await paced({ rate, count }, async (arrived) => {
      receivers = Promise.all(Array.from({ length: RECEIVERS }, () => receiver(arrived)))
      for (let index = 0; index < WARMING; index++) await topic.publish(WARM)
      return (index) => topic.publish(`${index}`)
    })
    await receivers
    return figures
  } finally {
    await Promise.all([queue.close(), topic.close()])
  }
}
