/**
 * What FIM CM's notifications are about, as resources: the id is the GUID in lower case, the owner the user.
 */
import type { JsonSchema, ResourceTypeDefinition } from '../../src/index.js'

export const REQUEST = 'fim-cm.Request'
export const PROFILE = 'fim-cm.Profile'
export const PROFILE_TEMPLATE = 'fim-cm.ProfileTemplate'
export const SMARTCARD = 'fim-cm.Smartcard'
export const CERTIFICATE = 'fim-cm.Certificate'

/** Who writes down what notifications tell. */
export const KEEPER = 'fim-cm:registry'

/** Complete: bb490382. */
const PROFILE_STATUSES = ['Active', 'Disabled', 'New', 'None', 'Retired', 'Suspended']

/** Complete: bb490382 and bb490439. Which may follow which is not documented. */
export const STATUSES_OF: Readonly<Record<string, readonly string[]>> = {
  [PROFILE]: PROFILE_STATUSES,
  [SMARTCARD]: [...PROFILE_STATUSES, 'Assigned'],
}

const REQUEST_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    requestType: { type: 'string' },
    targetUserUuid: { type: 'string' },
    profileTemplateUuid: { type: 'string' },
    priority: { type: 'integer', minimum: 0, maximum: 255 },
    isSmartcard: { type: 'boolean' },
  },
}

export const resourceTypes: readonly ResourceTypeDefinition[] = [
  { name: REQUEST, title: 'Request of FIM CM', schema: REQUEST_SCHEMA },
  { name: PROFILE, title: 'Profile of a user' },
  { name: PROFILE_TEMPLATE, title: 'Profile template' },
  { name: SMARTCARD, title: 'Smart card' },
  { name: CERTIFICATE, title: 'Certificate of a profile or smart card' },
]
