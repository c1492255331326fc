/**
 * `fim-cm.ApproveRequest` and the others: the names of NotificationType under our prefix.
 */
import type { JsonSchema, TypeDefinition } from '../../src/index.js'
import { caseOf } from '../definition.js'
import { FLAG, INTEGER, listOf, NAME, oneOf, orNull, record, TEXT, TIME } from '../schema.js'
import { KINDS } from './kinds.js'

/** The same for all types: the notification's times and the properties of its request, without what none of them needs. */
const DATA: JsonSchema = record(
  {
    about: oneOf(['request', 'profile', 'smartcard']),
    startedAt: TIME,
    completedAt: TIME,
    requestId: NAME,
    requestType: NAME,
    status: NAME,
    smartcard: FLAG,
    originatorId: NAME,
    userId: NAME,
    profileTemplateId: NAME,
    newProfileId: NAME,
    oldProfileId: NAME,
    newDeviceId: NAME,
    oldDeviceId: NAME,
    deviceId: NAME,
    profileId: NAME,
    submittedAt: TIME,
    requestCompletedAt: TIME,
    requestPriority: { type: 'integer', minimum: 0, maximum: 255 },
    enrollmentAgent: FLAG,
    collectionComplete: FLAG,
    flags: INTEGER,
    collectionFlags: INTEGER,
    comment: TEXT,
    securityDescriptor: TEXT,
    collected: listOf(record({ name: TEXT, value: orNull(TEXT), removed: { const: true } }, ['name'])),
  },
  ['about', 'requestId'],
)

export const catalogue: readonly TypeDefinition[] = KINDS.map((kind) =>
  caseOf({
    name: `fim-cm.${kind.name}`,
    title: kind.title,
    caseOf: kind.caseOf,
    schema: DATA,
    // Collected data and comments are about people; the security descriptor names accounts.
    sensitive: ['collected', 'comment', 'securityDescriptor'],
    defaults: { phase: kind.phase },
    documentation: kind.page,
  }),
)
