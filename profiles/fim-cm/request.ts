/**
 * The Request of a notification: its 21 properties as fields of `data`
 * (https://learn.microsoft.com/en-us/microsoft-identity-manager/reference/get-request).
 */
import { type Fields, present, Reader, wrong } from '../reader.js'
import { looksSecret } from '../secrets.js'
import { optionalDotNetTime, optionalGuid } from './dot-net.js'

export const REQUEST_PROPERTIES = [
  'Uuid',
  'RequestType',
  'Status',
  'Flags',
  'DataCollection',
  'DataCollectionFlags',
  'OriginatorUserUuid',
  'TargetUserUuid',
  'Submitted',
  'Completed',
  'NewProfileUuid',
  'OldProfileUuid',
  'NewSmartcardUuid',
  'OldSmartcardUuid',
  'Priority',
  'Comment',
  'ProfileTemplateUuid',
  'SecurityDescriptor',
  'IsSmartcard',
  'IsEnrollmentAgent',
  'IsDataCollectionComplete',
] as const

/** Complete, https://learn.microsoft.com/en-us/previous-versions/windows/desktop/forefront-2010/bb490434(v=vs.100) */
export const STATUSES = [
  'None',
  'Pending',
  'Approved',
  'Executing',
  'Completed',
  'Canceled',
  'Denied',
  'Failed',
] as const

/** No number is documented; these two are what REST examples return for requests made with that name. */
const SEEN_REQUEST_TYPES: Readonly<Record<number, string>> = { 1: 'Enroll', 5: 'Unblock' }

const ENUM_NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/

/** @throws InvalidInput for a wrong property and for one that is none of the 21. */
export function requestOf(request: Reader): Fields {
  request.only(REQUEST_PROPERTIES, 'the properties of a Request')
  const requestId = optionalGuid(request, 'Uuid')
  if (requestId === undefined) throw wrong(request.at('Uuid'), 'the id of the request, not the empty GUID')
  return present({ requestId, ...kindOf(request), ...idsOf(request), ...stateOf(request), ...textsOf(request) })
}

const kindOf = (request: Reader) => ({
  requestType: enumOf(request, 'RequestType', SEEN_REQUEST_TYPES),
  status: statusOf(request),
  smartcard: request.optionalBoolean('IsSmartcard'),
})

/** An empty GUID means none, or none yet: NewSmartcardUuid is set only in a request's later stages. */
const idsOf = (request: Reader) => ({
  originatorId: optionalGuid(request, 'OriginatorUserUuid'),
  userId: optionalGuid(request, 'TargetUserUuid'),
  profileTemplateId: optionalGuid(request, 'ProfileTemplateUuid'),
  newProfileId: optionalGuid(request, 'NewProfileUuid'),
  oldProfileId: optionalGuid(request, 'OldProfileUuid'),
  newDeviceId: optionalGuid(request, 'NewSmartcardUuid'),
  oldDeviceId: optionalGuid(request, 'OldSmartcardUuid'),
})

const stateOf = (request: Reader) => ({
  submittedAt: optionalDotNetTime(request, 'Submitted'),
  requestCompletedAt: optionalDotNetTime(request, 'Completed'),
  requestPriority: request.optionalInteger('Priority', 0, 255),
  enrollmentAgent: request.optionalBoolean('IsEnrollmentAgent'),
  collectionComplete: request.optionalBoolean('IsDataCollectionComplete'),
  flags: request.optionalInteger('Flags'),
  collectionFlags: request.optionalInteger('DataCollectionFlags'),
})

const textsOf = (request: Reader) => ({
  comment: request.optionalText('Comment'),
  securityDescriptor: request.optionalText('SecurityDescriptor'),
  collected: request
    .optionalList('DataCollection')
    ?.map((item, index) => itemOf(item, request.at(`DataCollection[${index}]`))),
})

/** An item whose name speaks of a secret keeps its name alone: one-time passwords and keys are never copied. */
function itemOf(value: unknown, path: string): Fields {
  const item = new Reader(value, path, 'a DataCollectionItem: { Name, Value }').only(
    ['Name', 'Value'],
    'a DataCollectionItem',
  )
  const name = item.optionalText('Name') ?? ''
  return looksSecret(name) ? { name, removed: true } : { name, value: item.optionalText('Value') ?? null }
}

/** Which numbers there are is not documented; 3 and 8 were seen. Ours: what is no byte is no status. */
const isByte = (text: string): boolean => /^\d{1,3}$/.test(text) && Number(text) <= 255

function statusOf(request: Reader): string | undefined {
  const status = enumOf(request, 'Status', {})
  const known: readonly string[] = STATUSES
  if (status === undefined || known.includes(status) || isByte(status)) return status
  throw wrong(request.at('Status'), `one of ${STATUSES.join(', ')}, or a number from 0 to 255`)
}

/** An enumeration as its name, or as a number whose label is not documented: then the number as text. */
function enumOf(request: Reader, name: string, seen: Readonly<Record<number, string>>): string | undefined {
  const value = request.get(name)
  if (typeof value === 'number') {
    const number = request.integer(name)
    return seen[number] ?? String(number)
  }
  const text = request.optionalName(name)
  if (text === undefined || ENUM_NAME.test(text)) return text
  throw wrong(request.at(name), 'the name of an enumeration member, or a number')
}
