/**
 * Credentials: certificates, one-time-password seeds, emergency passwords and the profiles that hold them.
 * Their secrets are never fields; `count` and `method` tell enough of a distribution.
 */
import type { Static } from 'typebox'
import { count, fields, moment, native, text } from './define.js'

const credential = {
  credentialId: text('The system’s own id of the credential'),
  credentialType: text('Kind of credential, such as PKI, SKI or OATH'),
  userId: text('The user it stands for'),
  deviceId: text('The device that carries it'),
  deviceSerialNumber: text('Serial number of that device'),
  deviceType: text('Kind or model of that device'),
  certificateSerialNumber: text('Serial number of the certificate, as text: it does not fit a number'),
  certificateSubject: text('Subject of the certificate, perhaps cut by the system'),
  authority: text('Name of the authority that issued it'),
  providerId: text('The credential provider'),
  providerContextId: text('The context within the provider'),
  profileId: text('The profile it is part of'),
  profileTemplateId: text('The template or policy that governs it'),
}
/** The names in a certificate are mostly a person’s. */
const classes = { person: ['certificateSubject'] }

const changed = fields(credential)
const issued = fields({
  ...credential,
  validFrom: moment('Start of validity'),
  validUntil: moment('End of validity'),
  authorityRequestId: text('The request at the authority'),
  replaces: text('The credential it takes the place of'),
})
const revoked = fields({
  ...credential,
  revokedAt: moment('From when it is not valid'),
  validUntil: moment('End of validity'),
})
const distributed = fields({ ...credential, method: text('How they were sent'), count: count('How many were sent') })

declare module '../types.js' {
  interface Catalogue {
    'credential.created': Static<typeof issued>
    'credential.issued': Static<typeof issued>
    'credential.renewed': Static<typeof issued>
    'credential.recovered': Static<typeof issued>
    'credential.suspended': Static<typeof changed>
    'credential.resumed': Static<typeof changed>
    'credential.revoked': Static<typeof revoked>
    'credential.disabled': Static<typeof changed>
    'credential.unlock-code-computed': Static<typeof changed>
    'credential.secrets-distributed': Static<typeof distributed>
    'credential.key-file-downloaded': Static<typeof changed>
    'credential.certificate-installed': Static<typeof issued>
  }
}

export const credentialTypes = [
  native('credential.created', 'A credential was created', issued, { classes }),
  native('credential.issued', 'A credential was issued', issued, { classes }),
  native('credential.renewed', 'A credential was renewed', issued, { classes }),
  native('credential.recovered', 'A credential was recovered', issued, { classes }),
  native('credential.suspended', 'A credential was suspended', changed, { classes, urgent: true }),
  native('credential.resumed', 'A credential was resumed', changed, { classes }),
  native('credential.revoked', 'A credential was revoked', revoked, { classes, urgent: true }),
  native('credential.disabled', 'A credential was disabled', changed, { classes, urgent: true }),
  native('credential.unlock-code-computed', 'An unlock code was computed', changed, { classes }),
  native('credential.secrets-distributed', 'One-time passwords were distributed', distributed, { classes }),
  native('credential.key-file-downloaded', 'The download of a key file began', changed, { classes }),
  native('credential.certificate-installed', 'A certificate was installed', issued, { classes }),
]
