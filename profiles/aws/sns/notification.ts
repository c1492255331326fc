import type { Json } from '../call.js'
import type { QueueMessage } from '../sqs/message.js'
export function notificationFor(_data: Json, _queue: string): QueueMessage {
  throw new TypeError('not yet')
}
