/**
 * Users: people, operators and the accounts they have.
 */
import type { Static } from 'typebox'
import { count, fields, moment, native, text, yes } from './define.js'

const user = {
  userId: text('The system’s own id of the user'),
  userName: text('The name the user signs in with'),
  displayName: text('The user’s name for people'),
  email: text('Mail address'),
  operator: yes('An operator of the system itself'),
  validFrom: moment('Start of validity'),
  validUntil: moment('End of validity'),
}
const sensitive = ['before', 'changes']
/** Names and addresses of people. */
const classes = { person: ['displayName', 'email'] }

const changed = fields(user)
const renamed = fields({ ...user, previousUserName: text('The name before') })
const password = fields({
  ...user,
  expiresAt: moment('When the password expires or expired'),
  byUser: yes('The user changed it'),
})
const authenticated = fields({
  ...user,
  method: text('How the user proved who they are'),
  deviceSerialNumber: text('Serial number of the device used'),
  address: text('Address of the portal or service signed in to'),
  locked: yes('This was the last attempt: the account is locked now'),
  attempts: count('Failed attempts in a row'),
})

declare module '../types.js' {
  interface Catalogue {
    'user.created': Static<typeof changed>
    'user.updated': Static<typeof changed>
    'user.renamed': Static<typeof renamed>
    'user.deleted': Static<typeof changed>
    'user.terminated': Static<typeof changed>
    'user.enabled': Static<typeof changed>
    'user.disabled': Static<typeof changed>
    'user.password-changed': Static<typeof password>
    'user.password-expired': Static<typeof password>
    'user.authenticated': Static<typeof authenticated>
  }
}

export const userTypes = [
  native('user.created', 'A user was created', changed, { sensitive, classes }),
  native('user.updated', 'A user was updated', changed, { sensitive, classes }),
  native('user.renamed', 'A user was renamed', renamed, { sensitive, classes }),
  native('user.deleted', 'A user was deleted', changed, { sensitive, classes, urgent: true, removal: true }),
  native('user.terminated', 'A user was terminated', changed, { sensitive, classes, urgent: true }),
  native('user.enabled', 'A user was enabled', changed, { sensitive, classes }),
  native('user.disabled', 'A user was disabled', changed, { sensitive, classes, urgent: true }),
  native('user.password-changed', 'A password was changed', password, { sensitive, classes }),
  native('user.password-expired', 'A password expired', password, { sensitive, classes }),
  native('user.authenticated', 'A user signed in, or tried to', authenticated, { sensitive, classes }),
]
