/**
 * The two rows that are read most, field by field: a loop over names costs five times as much.
 * The order is that of the columns in `shapes.ts`; the conformance suite would tell at once if it were not.
 */

import type { EventRow, TaskRow } from '../rows.js'
import { PRIORITIES } from '../task-rules.js'
import type { Read } from './shape.js'

export const eventFrom: Read<EventRow> = (values, at = 0) => ({
  tenant: values[at] as string,
  sequence: values[at + 1] as number,
  source: values[at + 2] as string,
  id: values[at + 3] as string,
  type: values[at + 4] as string,
  subject: values[at + 5] as string | null,
  partitionKey: values[at + 6] as string,
  superOwner: values[at + 7] as string | null,
  transactionId: values[at + 8] as string | null,
  parentId: values[at + 9] as string | null,
  rootId: values[at + 10] as string | null,
  priority: values[at + 11] as EventRow['priority'],
  receivedAt: values[at + 12] as number,
  executeAt: values[at + 13] as number | null,
  expiresAt: values[at + 14] as number | null,
  state: values[at + 15] as EventRow['state'],
  processedOrder: values[at + 16] as number | null,
  hash: values[at + 17] as string,
  principal: values[at + 18] as string,
  body: values[at + 19] as string,
  deed: values[at + 20] as string | null,
  operation: values[at + 21] as number,
})

export const taskFrom: Read<TaskRow> = (values, at = 0) => ({
  tenant: values[at] as string,
  sequence: values[at + 1] as number,
  subscription: values[at + 2] as string,
  groupKey: values[at + 3] as string | null,
  type: values[at + 4] as string,
  subject: values[at + 5] as string | null,
  state: values[at + 6] as TaskRow['state'],
  priority: PRIORITIES[Number(values[at + 7])] ?? 'normal',
  wakeAt: values[at + 8] as number | null,
  expiresAt: values[at + 9] as number | null,
  attempts: values[at + 10] as number,
  failures: values[at + 11] as number,
  token: values[at + 12] as number,
  leasedBy: values[at + 13] as string | null,
  leasedUntil: values[at + 14] as number | null,
  createdAt: values[at + 15] as number,
  endedAt: values[at + 16] as number | null,
  code: values[at + 17] as string | null,
  message: values[at + 18] as string | null,
  superOwner: values[at + 19] as string | null,
  likeness: values[at + 20] as string | null,
  lockOwner: values[at + 21] as string | null,
  blockedBy: values[at + 22] as string | null,
  replayedAt: values[at + 23] as number | null,
})
