/**
 * The Notification that a sink is handed, made of an event `fim-cm.<NotificationType>`.
 */
import { type AnyEvent, isObject } from '../../src/index.js'
import type { Fields } from '../reader.js'
import { kindOf, type NotificationType } from './kinds.js'
import type { ClmRequest, DataCollectionItem, Notification } from './sink.js'

/** @throws TypeError when the event is none of FIM CM's. */
export function notificationOf(event: AnyEvent, eventStarted: string): Notification {
  const kind = event.type.startsWith('fim-cm.') ? kindOf(event.type.slice('fim-cm.'.length)) : undefined
  if (!kind || !isObject(event.data)) throw new TypeError(`${event.type} is no notification of FIM CM.`)
  const { startedAt = null, completedAt = null } = event.data
  return {
    notificationType: kind.name as NotificationType,
    request: requestIn(event.data),
    isSuccess: event.outcome !== 'failure',
    eventStarted,
    started: startedAt as string | null,
    completed: completedAt as string | null,
    actorUserUuid: event.actor ?? null,
  }
}

const text = (data: Fields, name: string) => (data[name] ?? null) as string | null
const number = (data: Fields, name: string) => (data[name] ?? null) as number | null
const flag = (data: Fields, name: string) => (data[name] ?? null) as boolean | null

/** The catalogue's schema has seen to the types. */
const requestIn = (data: Fields): ClmRequest => ({
  uuid: String(data.requestId),
  requestType: text(data, 'requestType'),
  status: text(data, 'status'),
  flags: number(data, 'flags'),
  dataCollection: ((data.collected ?? []) as readonly Partial<DataCollectionItem>[]).map(itemOf),
  dataCollectionFlags: number(data, 'collectionFlags'),
  originatorUserUuid: text(data, 'originatorId'),
  targetUserUuid: text(data, 'userId'),
  submitted: text(data, 'submittedAt'),
  completed: text(data, 'requestCompletedAt'),
  newProfileUuid: text(data, 'newProfileId'),
  oldProfileUuid: text(data, 'oldProfileId'),
  newSmartcardUuid: text(data, 'newDeviceId'),
  oldSmartcardUuid: text(data, 'oldDeviceId'),
  priority: number(data, 'requestPriority'),
  comment: text(data, 'comment'),
  profileTemplateUuid: text(data, 'profileTemplateId'),
  isSmartcard: flag(data, 'smartcard'),
  isEnrollmentAgent: flag(data, 'enrollmentAgent'),
  isDataCollectionComplete: flag(data, 'collectionComplete'),
})

const itemOf = ({ name = '', value = null, removed }: Partial<DataCollectionItem>): DataCollectionItem => ({
  name,
  value,
  ...(removed && { removed }),
})
