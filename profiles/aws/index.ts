/**
 * Amazon SNS and SQS as their clients speak them: queues and topics on the log and the queue that are here.
 *
 * A call's way: `routes` tells the protocol, `caller` and `signature` who calls, `form` reads what is no JSON, `sqs/operations`
 * or `sns/operations` does it (a `call` with its parameters), `xml` writes what is no JSON. What is there is in `directory`:
 * a queue, a topic, a subscription of a topic are subscriptions of ours, and their settings lie in its target. A message is
 * an event of the type below: `sqs/send` and `sns/publish` address it to queues, `sqs/receive` leases it, `sqs/settle` ends it.
 * `own-routes` is for operators, `open-routes` for receivers who have no key.
 */
import type { Plugin } from '../../src/index.js'
import { MESSAGE } from './directory.js'
import { routes } from './routes.js'
import { byEmail, type MailServer } from './sns/email.js'
import { madeTransports, transports } from './sns/transports.js'

/** @param email the mail server by which topics tell e-mail subscribers; without one there are none. */
export const awsWith = (email?: MailServer): Plugin => ({
  name: 'aws',
  catalogue: [
    {
      ...{ name: MESSAGE, title: 'A message of a queue or a topic', category: 'tocsin', addressed: true },
      schema: { type: 'object' },
      documentation: 'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html',
    },
  ],
  transports,
  madeTransports: [...madeTransports, { name: 'sns-email', make: (parts) => byEmail(parts, email) }],
  routes,
})

export const aws = awsWith()
