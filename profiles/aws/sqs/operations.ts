/**
 * The operations of SQS, by name. All 23 of the service's model are here.
 */
import type { Operation } from '../call.js'
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from './moves.js'
import * as queues from './queues.js'
import { receiveMessage } from './receive.js'
import { sendMessage, sendMessageBatch } from './send.js'
import * as settle from './settle.js'

export const SQS: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    CreateQueue: queues.createQueue,
    DeleteQueue: queues.deleteQueue,
    GetQueueUrl: queues.getQueueUrl,
    ListQueues: queues.listQueues,
    GetQueueAttributes: queues.getQueueAttributes,
    SetQueueAttributes: queues.setQueueAttributes,
    PurgeQueue: queues.purgeQueue,
    TagQueue: queues.tagQueue,
    UntagQueue: queues.untagQueue,
    ListQueueTags: queues.listQueueTags,
    AddPermission: queues.addPermission,
    RemovePermission: queues.removePermission,
    ListDeadLetterSourceQueues: queues.listDeadLetterSourceQueues,
    SendMessage: sendMessage,
    SendMessageBatch: sendMessageBatch,
    ReceiveMessage: receiveMessage,
    DeleteMessage: settle.deleteMessage,
    DeleteMessageBatch: settle.deleteMessageBatch,
    ChangeMessageVisibility: settle.changeMessageVisibility,
    ChangeMessageVisibilityBatch: settle.changeMessageVisibilityBatch,
    StartMessageMoveTask: startMessageMoveTask,
    CancelMessageMoveTask: cancelMessageMoveTask,
    ListMessageMoveTasks: listMessageMoveTasks,
  }),
)
