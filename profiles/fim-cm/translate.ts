/**
 * One Notification of FIM 2010 CM (MIM CM), as JSON with the properties in their documented spelling:
 * `{ ActorUserUuid, Completed, IsSuccess, NotificationType, Request: { Uuid, RequestType, ... }, Started }`.
 *
 * A Notification has no id of its own. Its type, request, actor, times (to 100 ns), outcome and the ids of profiles and cards
 * identify it, so the id is a hash over these: the same notification always gives the same event.
 */
import { canonical, type EventInput, sha256, type Translator } from '../../src/index.js'
import { type Fields, present, Reader, wrong } from '../reader.js'
import { optionalDotNetTime, optionalGuid } from './dot-net.js'
import { KINDS, type Kind, kindOf, unknownKind } from './kinds.js'
import { requestOf } from './request.js'

const PROPERTIES = ['ActorUserUuid', 'Completed', 'IsSuccess', 'NotificationType', 'Request', 'Started']

export const translator: Translator = {
  name: 'fim-cm',
  title: 'Microsoft FIM 2010 CM and MIM CM notification',
  translate(message, context) {
    const notification = Reader.message(message, 'a Notification: an object with NotificationType, Request, ...')
    notification.only(PROPERTIES, 'the properties of a Notification')
    return [eventOf(notification, kindIn(notification), context.source)]
  },
}

function eventOf(notification: Reader, kind: Kind, source: string): EventInput {
  const request = requestOf(notification.object('Request', 'a Request'))
  applies(kind, request, notification)
  const actor = optionalGuid(notification, 'ActorUserUuid')
  const success = notification.boolean('IsSuccess')
  const times = present({
    startedAt: optionalDotNetTime(notification, 'Started'),
    completedAt: optionalDotNetTime(notification, 'Completed'),
  })
  const { about, id: subject, ...ids } = subjectOf(kind, request)
  return present<EventInput>({
    id: idOf([kind.name, actor, success, times, request]),
    source,
    type: `fim-cm.${kind.name}`,
    subject,
    time: times.completedAt ?? times.startedAt,
    // Ours: what happens to one person's cards and profiles stays in order across requests.
    partitionKey: text(request.userId) ?? text(request.requestId),
    actor,
    outcome: success ? 'success' : 'failure',
    phase: kind.phase,
    transactionId: text(request.requestId),
    data: { about, ...times, ...request, ...ids },
  })
}

function kindIn(notification: Reader): Kind {
  const name = notification.name('NotificationType', 'the name of a NotificationType')
  const kind = kindOf(name)
  if (kind) return kind
  throw wrong(
    'NotificationType',
    `one of ${KINDS.map((each) => each.name).join(', ')}`,
    'unknown_type',
    unknownKind(name),
  )
}

/**
 * REST refuses Unblock for a software template (create-request); the others are about cards by what the enumeration says
 * they mean (bb490435).
 */
const OF_CARDS: ReadonlySet<string> = new Set([
  'Unblock',
  'OfflineUnblock',
  'Retire',
  'TemporaryCardEnroll',
  'TemporaryCardDisable',
  'TemporaryCardRetire',
])

/** Some types are raised for smart cards only, DownloadPfx for software profiles only; some requests are about cards only. */
function applies(kind: Kind, request: Fields, notification: Reader): void {
  const { smartcard, requestType } = request
  if (smartcard === false && typeof requestType === 'string' && OF_CARDS.has(requestType))
    throw wrong(
      `${notification.at('Request')}.RequestType`,
      `a request type for software profiles, as ${requestType} is about smart cards`,
    )
  const contradicts =
    (kind.applies === 'smartcard' && smartcard === false) || (kind.applies === 'software' && smartcard === true)
  if (!contradicts) return
  throw wrong(
    `${notification.at('Request')}.IsSmartcard`,
    `${kind.applies === 'smartcard'}, as ${kind.name} is raised for ${kind.applies === 'smartcard' ? 'smart cards' : 'software profiles'} only`,
  )
}

interface Subject {
  readonly about: Kind['about']
  readonly id: string | undefined
  readonly profileId?: string
  readonly deviceId?: string
}

/** The card or profile, and until its id is known the request. A profile event of a card request may know only the card. */
function subjectOf({ about, prefers }: Kind, request: Fields): Subject {
  const profileId = eitherOf(prefers, request.newProfileId, request.oldProfileId)
  const deviceId = eitherOf(prefers, request.newDeviceId, request.oldDeviceId)
  const ids = present({ profileId, deviceId })
  if (about === 'smartcard' && deviceId !== undefined) return { about, id: deviceId, ...ids }
  if (about === 'profile' && profileId !== undefined) return { about, id: profileId, ...ids }
  if (about === 'profile' && deviceId !== undefined) return { about: 'smartcard', id: deviceId, ...ids }
  return { about: 'request', id: text(request.requestId), ...(about === 'request' ? {} : ids) }
}

const eitherOf = (prefers: 'new' | 'old', fresh: unknown, old: unknown): string | undefined =>
  prefers === 'new' ? (text(fresh) ?? text(old)) : (text(old) ?? text(fresh))

const idOf = (identity: readonly [string, string | undefined, boolean, Fields, Fields]): string => {
  const [type, actor = null, success, times, request] = identity
  const { requestId, newProfileId, oldProfileId, newDeviceId, oldDeviceId } = request
  const ids = [requestId, newProfileId, oldProfileId, newDeviceId, oldDeviceId].map((id) => id ?? null)
  return sha256(canonical([type, actor, success, times, ids], ''))
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
