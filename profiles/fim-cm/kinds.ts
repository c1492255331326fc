/**
 * The 15 members of NotificationType that public documentation proves (FIM 2010 CM, successor MIM CM). The page's list
 * could be read only up to DownloadPfx; how many more there are is not known, and none is invented.
 */
import type { Phase } from '../../src/index.js'
import { quoted } from '../reader.js'

export type About = 'request' | 'profile' | 'smartcard'
export type Applies = 'software' | 'smartcard' | 'both' | 'not stated'

export type NotificationType =
  | 'ApproveRequest'
  | 'CancelRequest'
  | 'CreateProfile'
  | 'CreateRequest'
  | 'CreateSmartcard'
  | 'DenyRequest'
  | 'DisableProfile'
  | 'DisableSmartcard'
  | 'DistributeSecrets'
  | 'DownloadPfx'
  | 'InstallCertificate'
  | 'MarkRequestAsFailed'
  | 'SmartcardAssignCard'
  | 'SmartcardPinRolloverExecute'
  | 'SmartcardPrint'

export interface Kind {
  readonly name: NotificationType
  readonly title: string
  readonly caseOf: string
  readonly about: About
  /** Which requests raise it: of software profiles, of smart cards, of both. */
  readonly applies: Applies
  readonly phase: Phase
  /** Which of the request's ids is taken first: the one it leads to, or the one it was raised for. */
  readonly prefers: 'new' | 'old'
  readonly page: string
}

const TYPES =
  'http://certsrv.ru/forefrontidentitymanager2010sdk_fimcertmgmt.en/html/t_microsoft_clm_shared_notifications_notificationtype.htm'
const LEARN = 'https://learn.microsoft.com/en-us/previous-versions/windows/desktop/forefront-2010/'
const ARCHITECTURE = `${LEARN}bb468083(v=vs.100)`

const kind = (name: NotificationType, title: string, caseOf: string, about: About, rest: Partial<Kind> = {}): Kind => ({
  name,
  title,
  caseOf,
  about,
  applies: 'not stated',
  phase: 'post',
  prefers: 'new',
  page: TYPES,
  ...rest,
})

export const KINDS: readonly Kind[] = [
  // Once per approval: a request that needs several approvals raises several.
  kind('ApproveRequest', 'An approval was given to a request', 'request.approved', 'request', { applies: 'both' }),
  kind('CancelRequest', 'A request was cancelled', 'request.canceled', 'request', { applies: 'both' }),
  // An intermediate step of enroll, recover, renew, duplicate and other requests.
  kind('CreateProfile', 'A profile was created for a user', 'credential.created', 'profile'),
  kind('CreateRequest', 'A request was created', 'request.created', 'request', { applies: 'both' }),
  // Before the card is assigned to anybody.
  kind('CreateSmartcard', 'A smart card was registered', 'device.created', 'smartcard', { applies: 'smartcard' }),
  kind('DenyRequest', 'A request was denied', 'request.denied', 'request'),
  // Before the certificates are revoked: they are still valid when it is told.
  kind('DisableProfile', 'A profile is disabled', 'credential.disabled', 'profile', { phase: 'pre', prefers: 'old' }),
  kind('DisableSmartcard', 'A smart card is disabled', 'device.disabled', 'smartcard', {
    applies: 'smartcard',
    phase: 'pre',
    prefers: 'old',
  }),
  // Once per distribution, not per password; none where the policy's distribution is DoNothing.
  kind('DistributeSecrets', 'One-time passwords were distributed', 'credential.secrets-distributed', 'request'),
  // Begun, not finished: it says nothing of success. The native type says the same, so the beginning is the deed.
  kind('DownloadPfx', 'The download of a PFX file began', 'credential.key-file-downloaded', 'profile', {
    applies: 'software',
  }),
  kind('InstallCertificate', 'A certificate was installed', 'credential.certificate-installed', 'profile', {
    page: `${LEARN}bb468068(v=vs.100)`,
  }),
  kind('MarkRequestAsFailed', 'A request was marked as failed', 'request.failed', 'request', {
    page: 'https://docs.microsoft.com/en-us/previous-versions/windows/desktop/forefront-2010/bb468051(v=vs.100)',
  }),
  kind('SmartcardAssignCard', 'A smart card was assigned', 'device.assigned', 'smartcard', {
    applies: 'smartcard',
    page: ARCHITECTURE,
  }),
  kind(
    'SmartcardPinRolloverExecute',
    'The PIN of a smart card was rolled over',
    'device.pin-rolled-over',
    'smartcard',
    {
      applies: 'smartcard',
      prefers: 'old',
      page: ARCHITECTURE,
    },
  ),
  kind('SmartcardPrint', 'A smart card was printed', 'device.printed', 'smartcard', {
    applies: 'smartcard',
    page: ARCHITECTURE,
  }),
]

/** The architecture page speaks of these as request types; that they are notification types could not be checked. */
export const NAMED_UNPROVEN = ['EnrollProfile', 'RecoverProfile', 'DuplicateProfile'] as const

/** Why a name is none of them. */
export function unknownKind(name: string): string {
  const unproven: readonly string[] = NAMED_UNPROVEN
  return unproven.includes(name)
    ? `The documentation calls ${name} a request type; that it is a NotificationType is not proven.`
    : `No documentation read proves a NotificationType ${quoted(name)}.${hint(name)}`
}

function hint(name: string): string {
  const meant = KINDS.find((each) => each.name.toLowerCase() === name.trim().toLowerCase())
  return meant ? ` Did you mean ${meant.name}?` : ''
}

const byName = new Map<string, Kind>(KINDS.map((each) => [each.name, each]))

export const kindOf = (name: string): Kind | undefined => byName.get(name)
