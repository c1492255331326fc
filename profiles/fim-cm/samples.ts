/**
 * Notifications as a handler would send them, made up, every proven kind in turn.
 */
import { below, inTurn, moment, pick, type Random, uuid } from '../random.js'
import { KINDS, type Kind } from './kinds.js'

const NONE = '00000000-0000-0000-0000-000000000000'

export interface Notification {
  readonly ActorUserUuid: string
  readonly Completed: string
  readonly IsSuccess: boolean
  readonly NotificationType: string
  readonly Request: Readonly<Record<string, unknown>>
  readonly Started: string
}

/** @param random seeded, from 0 up to 1: the same seed gives the same messages. */
export const samples = (n: number, random: Random): readonly Notification[] =>
  inTurn(n, KINDS, (kind) => sampleOf(kind, random))

function sampleOf(kind: Kind, random: Random): Notification {
  const started = moment(random)
  return {
    ActorUserUuid: uuid(random),
    Completed: new Date(Date.parse(started) + below(random, 5000)).toISOString(),
    IsSuccess: kind.name !== 'MarkRequestAsFailed' && below(random, 20) > 0,
    NotificationType: kind.name,
    Request: requestOf(kind, random, started),
    Started: started,
  }
}

function requestOf(kind: Kind, random: Random, submitted: string): Readonly<Record<string, unknown>> {
  const card = kind.applies === 'smartcard' || (kind.applies !== 'software' && below(random, 2) === 0)
  const created = kind.about !== 'request'
  return {
    Uuid: uuid(random),
    RequestType: pick(random, ['Enroll', 'Renew', 'Recover', 'Duplicate']),
    Status: created ? 'Executing' : 'Pending',
    Flags: 0,
    DataCollection: below(random, 2) === 0 ? [] : [{ Name: 'Department', Value: 'Radiology' }],
    DataCollectionFlags: 0,
    OriginatorUserUuid: uuid(random),
    TargetUserUuid: uuid(random),
    Submitted: submitted,
    Completed: '0001-01-01T00:00:00',
    NewProfileUuid: created ? uuid(random) : NONE,
    OldProfileUuid: kind.prefers === 'old' ? uuid(random) : NONE,
    NewSmartcardUuid: card && created ? uuid(random) : NONE,
    OldSmartcardUuid: card && kind.prefers === 'old' ? uuid(random) : NONE,
    Priority: below(random, 256),
    Comment: '',
    ProfileTemplateUuid: uuid(random),
    SecurityDescriptor: 'O:BAG:DUD:(A;;GA;;;BA)',
    IsSmartcard: card,
    IsEnrollmentAgent: false,
    IsDataCollectionComplete: true,
  }
}
