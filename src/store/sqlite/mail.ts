import type { MailStore } from '../port.js'
import { CLAIM_MAIL, claimValues, keyValues, MAIL_UNTIL, MAILED, NOT_MAILED, PRUNE_MAILED } from '../sql/mail.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

export const sqliteMail = (session: Session): Sync<MailStore> => ({
  claim(key, claim) {
    if (session.run(CLAIM_MAIL, ...claimValues(key, claim)) === 1) return 'yours'
    return session.get(MAIL_UNTIL, ...keyValues(key))?.[0] === null ? 'told' : 'busy'
  },
  settle(key, message, told, at) {
    if (told) session.run(MAILED, ...keyValues(key), message, at)
    else session.run(NOT_MAILED, ...keyValues(key), message)
  },
  prune: (before, limit) => session.run(PRUNE_MAILED, before, limit),
})
