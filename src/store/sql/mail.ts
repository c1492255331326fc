/**
 * What `mail-rules.ts` says, in SQL that SQLite and PostgreSQL read alike: one statement decides, whoever else is at it.
 */
import type { MailClaim, MailKey } from '../mail-rules.js'

const OF_KEY = 'tenant = ?1 AND event = ?2 AND person = ?3'

export const CLAIM_MAIL = `INSERT INTO mailed (tenant, event, person, message, until, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (tenant, event, person) DO UPDATE SET message = excluded.message, until = excluded.until, at = excluded.at
  WHERE (mailed.until IS NULL AND mailed.message = excluded.message AND mailed.at <= ?7)
    OR mailed.until <= excluded.at OR (mailed.until IS NOT NULL AND mailed.message = excluded.message)`
export const MAIL_UNTIL = `SELECT until FROM mailed WHERE ${OF_KEY}`
export const MAILED = `UPDATE mailed SET until = NULL, at = ?5 WHERE ${OF_KEY} AND message = ?4`
export const NOT_MAILED = `DELETE FROM mailed WHERE ${OF_KEY} AND message = ?4`
export const PRUNE_MAILED = `DELETE FROM mailed WHERE (tenant, event, person) IN
  (SELECT tenant, event, person FROM mailed WHERE at < ?1 ORDER BY at LIMIT ?2)`

export const keyValues = ({ tenant, event, person }: MailKey) => [tenant, event, person] as const

export const claimValues = (key: MailKey, { message, now, until, again }: MailClaim) =>
  [...keyValues(key), message, until, now, again ?? -1] as const
