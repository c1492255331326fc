import type { MailStore } from '../port.js'
import { CLAIM_MAIL, claimValues, keyValues, MAIL_UNTIL, MAILED, NOT_MAILED, PRUNE_MAILED } from '../sql/mail.js'
import type { Database } from './database.js'
import { statement } from './statement.js'

const CLAIM = statement(CLAIM_MAIL)
const UNTIL = statement(MAIL_UNTIL)
const TOLD = statement(MAILED)
const NOT_TOLD = statement(NOT_MAILED)
const PRUNE = statement(PRUNE_MAILED)

export const postgresMail = ({ write }: Database): MailStore => ({
  claim: (key, claim) =>
    write(async (session) => {
      if ((await session.run(CLAIM, ...claimValues(key, claim))) === 1) return 'yours'
      return (await session.get(UNTIL, ...keyValues(key)))?.[0] === null ? 'told' : 'busy'
    }),
  settle: (key, message, told, at) =>
    write(async (session) => {
      if (told) await session.run(TOLD, ...keyValues(key), message, at)
      else await session.run(NOT_TOLD, ...keyValues(key), message)
    }),
  prune: (before, limit) => write((session) => session.run(PRUNE, before, limit)),
})
