/**
 * The events whose number is proven by HID's public documentation (versions 5.11 to 6.4 of ActivID CMS).
 * No number is invented: kinds the prose names without one are in `NAMED_WITHOUT_NUMBER`.
 */
import type { Category, Phase } from '../../src/index.js'
import { code, flag, joined, number, SLOT_NAMES, type Slot, type SlotName, side, text } from './slots.js'

export type Slots = Readonly<Partial<Record<SlotName, Slot>>>

/** What the event is about: the device it happened to or lies on, a request, a user of the directory, an operator of the CMS. */
export type About = 'device' | 'request' | 'user' | 'operator'

export interface Kind {
  readonly eventId: number
  /** The symbolic token in `Description`. */
  readonly token: string
  readonly title: string
  /** Never derived from the number: 40006 is a workflow event among the user events. */
  readonly category: Category
  readonly caseOf: string
  readonly phase: Phase
  readonly about: About
  readonly slots: Slots
  /** Further slots by the value of AdditionalInfoNum2, the credential type. */
  readonly variants?: Readonly<Record<number, Slots>>
  /** Of the documentation; a site's own number has none. */
  readonly page?: string
}

const CREDENTIAL_TYPES = { 0: 'PKI', 1: 'SKI' }
const EMERGENCY_PASSWORD = { 6: 'emergency password' }

/** Installation-specific; these are the values the documentation lists. */
const CERTIFICATE_TYPES = {
  1: 'Microsoft CA',
  2: 'Entrust',
  4: 'OpenTrust PKI (IdealX)',
  5: 'Symantec MPKI 8.0',
  8: 'IdenTrust',
  9: 'VCI credentials',
  10: 'HID PKI-as-a-Service',
}

/** An enumeration, although it looks like bits: 3 and 66 are values of their own. */
const REQUEST_TYPES = {
  1: 'temporary replacement',
  2: 'permanent replacement',
  3: 're-issuance',
  4: 'validated issuance',
  8: 'unlock',
  32: 'application update',
  64: 'issuance',
  66: 'recycle',
  128: 'production',
  256: 'card manager lock/unlock',
}

const DEVICE_TYPE = { AdditionalInfoChar1: text('deviceType') }

// The format of the two validity times is not documented, so they are kept as text under names of their own.
const PKI_ISSUED: Slots = {
  AdditionalInfoNum1: code('certificateType', CERTIFICATE_TYPES),
  AdditionalInfoChar1: text('certificateSubject'),
  AdditionalInfoChar2: joined(
    ['deviceType', 'certificateSerialNumber', 'validityStart', 'validityEnd', 'authorityRequestId'],
    4,
  ),
  AdditionalInfoChar3: text('authority'),
}

const PKI_SUSPENDED: Slots = {
  ...PKI_ISSUED,
  AdditionalInfoChar2: joined(['deviceType', 'certificateSerialNumber'], 2),
}

type Common = 'phase' | 'about'
const device = (kind: Omit<Kind, Common | 'category'> & Partial<Kind>): Kind => ({
  category: 'device',
  phase: 'post',
  about: 'device',
  ...kind,
})
const credential = (kind: Omit<Kind, Common | 'category'> & Partial<Kind>): Kind => ({
  ...device(kind),
  category: 'credential',
})
const other = (kind: Omit<Kind, Common> & Partial<Kind>): Kind => ({ phase: 'post', about: 'user', ...kind })

export const KINDS: readonly Kind[] = [
  device({
    eventId: 10001,
    token: 'CardIssuance',
    title: 'Device Issuance',
    caseOf: 'device.issued',
    slots: { ...DEVICE_TYPE, AdditionalInfoNum1: flag('temporary'), AdditionalInfoChar2: text('userId') },
    page: 'v6.3/operator/api-sdk/event-notif/events.htm',
  }),
  device({
    eventId: 10002,
    token: 'CardUpdate',
    // The display title and the attribute table could not be read; the trigger could: shortly before the update.
    title: 'Device is About to be Updated',
    caseOf: 'device.updated',
    phase: 'pre',
    slots: {},
    page: 'v6.3/operator/api-sdk/event-notif/events.htm',
  }),
  device({
    eventId: 10004,
    token: 'CardUnbind',
    title: 'Device has been Unbound',
    caseOf: 'device.unbound',
    slots: { ...DEVICE_TYPE, AdditionalInfoChar2: text('userId') },
    page: 'v6.0/operator/api-sdk/event-notif/device-unbound-event.htm',
  }),
  device({
    eventId: 10005,
    token: 'CardRecycle',
    // The page's title says "About to be", its text "after": the text is followed, so the phase is `post`.
    title: 'Device is About to be Recycled',
    caseOf: 'device.recycled',
    slots: DEVICE_TYPE,
    page: 'v6.0/operator/api-sdk/event-notif/device-recycled-event.htm',
  }),
  device({
    eventId: 10006,
    token: 'Terminate',
    title: 'Device has been Terminated',
    caseOf: 'device.terminated',
    slots: { ...DEVICE_TYPE, AdditionalInfoChar2: text('reason'), AdditionalInfoChar3: text('userId') },
    page: 'v5.11/operator/api-sdk/event-notif/device-terminated-event.htm',
  }),
  device({
    eventId: 10009,
    token: 'SuspendDevice',
    title: 'Device has been Suspended',
    caseOf: 'device.suspended',
    slots: { ...DEVICE_TYPE, AdditionalInfoNum1: flag('temporary'), AdditionalInfoChar3: text('userId') },
    page: 'v6.0/operator/api-sdk/event-notif/device-suspended-event.htm',
  }),
  credential({
    eventId: 20001,
    token: 'GetUnlockCode',
    title: 'Unlock Code Computed',
    caseOf: 'credential.unlock-code-computed',
    slots: DEVICE_TYPE,
    page: 'v5.11/operator/api-sdk/event-notif/unlock-code-computed-event.htm',
  }),
  credential({
    eventId: 20003,
    token: 'CertHold',
    title: 'Credential Suspended',
    caseOf: 'credential.suspended',
    slots: { AdditionalInfoNum2: code('credentialType', CREDENTIAL_TYPES) },
    variants: { 0: PKI_SUSPENDED },
    page: 'v5.13/operator/api-sdk/event-notif/credential-suspended-event.htm',
  }),
  credential({
    eventId: 20004,
    token: 'CertResume',
    title: 'Credential Resumed',
    caseOf: 'credential.resumed',
    // The pages of its variants could not be read, so only the credential type is named.
    slots: { AdditionalInfoNum2: code('credentialType', CREDENTIAL_TYPES) },
    page: 'v6.0/operator/api-sdk/event-notif/credential-resumed-event.htm',
  }),
  credential({
    eventId: 20008,
    token: 'CredentialRequest',
    title: 'Credential Issued',
    caseOf: 'credential.issued',
    slots: { AdditionalInfoNum2: code('credentialType', { ...CREDENTIAL_TYPES, ...EMERGENCY_PASSWORD }) },
    variants: { 0: PKI_ISSUED },
    page: 'v5.11/operator/api-sdk/event-notif/credential-issued-event.htm',
  }),
  credential({
    eventId: 20009,
    token: 'CredDelete',
    title: 'Emergency Password Deactivated',
    caseOf: 'credential.disabled',
    slots: {
      AdditionalInfoNum2: code('credentialType', EMERGENCY_PASSWORD),
      AdditionalInfoChar1: text('adminServer'),
      AdditionalInfoChar2: text('userId'),
    },
    page: 'v6.0/operator/api-sdk/event-notif/emergency-pwd-deactivated-event.htm',
  }),
  credential({
    eventId: 21001,
    token: 'CredProvCreateCredential',
    title: 'Create Credential',
    caseOf: 'credential.created',
    // Just before the request is handed to the credential provider, although it carries a Status.
    phase: 'pre',
    slots: {
      AdditionalInfoNum1: number('providerId'),
      AdditionalInfoNum2: number('providerContextId'),
      AdditionalInfoChar1: text('userId'),
      AdditionalInfoChar2: text('credentialType'),
    },
    page: 'v5.11/operator/api-sdk/event-notif/create-credential-event.htm',
  }),
  other({
    eventId: 30001,
    token: 'WriteRequest',
    title: 'Request Submitted',
    category: 'request',
    caseOf: 'request.submitted',
    about: 'request',
    slots: {
      AdditionalInfoNum1: number('requestId'),
      AdditionalInfoNum2: code('requestType', REQUEST_TYPES),
      AdditionalInfoChar2: text('userId'),
      AdditionalInfoChar3: text('deviceType'),
    },
    page: 'v5.12/operator/api-sdk/event-notif/request-submitted-event.htm',
  }),
  other({
    eventId: 40002,
    token: 'DeleteUser',
    title: 'User Deleted',
    category: 'user',
    caseOf: 'user.deleted',
    slots: { AdditionalInfoChar1: text('userId') },
    page: 'v5.13/operator/api-sdk/event-notif/user-deleted-event.htm',
  }),
  other({
    eventId: 40004,
    token: 'DeleteOperator',
    title: 'Operator Deleted',
    category: 'user',
    // Ours: an operator is a user of the CMS itself; no page gives the group, its address lies among the user events.
    caseOf: 'user.deleted',
    about: 'operator',
    slots: { AdditionalInfoChar1: text('userName') },
    page: 'v6.0/operator/api-sdk/event-notif/operator-deleted-event.htm',
  }),
  other({
    eventId: 40006,
    token: 'InvokePlugins',
    title: 'Generic Plug-In Invoked',
    category: 'workflow',
    caseOf: 'workflow.step-run',
    slots: {
      AdditionalInfoNum2: side('side', 'server', 'client'),
      AdditionalInfoChar1: text('userId'),
      AdditionalInfoChar2: text('stepId'),
      AdditionalInfoChar3: text('pluginId'),
    },
    page: 'v5.11/operator/api-sdk/event-notif/workflow-events.htm',
  }),
  other({
    eventId: 50001,
    token: 'AuthenticateUser',
    title: 'User-Authenticated',
    category: 'user',
    caseOf: 'user.authenticated',
    slots: {
      AdditionalInfoNum1: number('method'),
      AdditionalInfoNum2: flag('locked'),
      AdditionalInfoChar1: text('userId'),
      AdditionalInfoChar2: text('address'),
    },
    page: 'v6.0/operator/api-sdk/event-notif/authentication-events.htm',
  }),
  other({
    eventId: 50002,
    token: 'AuthenticateOperator',
    title: 'Operator-Authenticated',
    category: 'user',
    caseOf: 'user.authenticated',
    about: 'operator',
    // The rest of its table could not be read, so nothing further is named.
    slots: { AdditionalInfoNum1: number('method') },
    page: 'v6.0/operator/api-sdk/event-notif/authentication-events.htm',
  }),
]

/** Named in the vendor's prose, but no number was seen: publish the native type instead. */
export const NAMED_WITHOUT_NUMBER = [
  'device.bound',
  'device.unlocked',
  'credential.revoked',
  'request.approved',
  'user.created',
  'user.terminated',
] as const

export type SlotEntry = readonly [SlotName, Slot]

/** The slots of a kind, with those of the credential type it carries. */
export function slotsOf(kind: Kind, credentialType: number): readonly SlotEntry[] {
  const slots = { ...kind.slots, ...kind.variants?.[credentialType] }
  return SLOT_NAMES.flatMap((name) => (slots[name] ? [[name, slots[name]] as const] : []))
}

/** What an installation knows: the proven numbers, and those it added itself. */
export class Kinds {
  readonly all: readonly Kind[]
  readonly #byId: ReadonlyMap<number, Kind>

  constructor(added: readonly Kind[] = []) {
    this.all = [...KINDS, ...added]
    this.#byId = new Map(this.all.map((kind) => [kind.eventId, kind]))
  }

  get(eventId: number): Kind | undefined {
    return this.#byId.get(eventId)
  }
}
