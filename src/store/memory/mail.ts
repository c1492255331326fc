import { claimOf, type MailKey } from '../mail-rules.js'
import type { MailStore } from '../port.js'
import type { Tables } from './tables.js'

const nameOf = ({ tenant, event, person }: MailKey): string => JSON.stringify([tenant, event, person])

export const memoryMail = ({ mailed }: Tables): MailStore => ({
  async claim(key, claim) {
    const claimed = claimOf(mailed.get(nameOf(key)), claim)
    if (claimed === 'yours') {
      const { message, until, now: at } = claim
      mailed.set(nameOf(key), { message, until, at })
    }
    return claimed
  },
  async settle(key, message, told, at) {
    if (mailed.get(nameOf(key))?.message !== message) return
    if (told) mailed.set(nameOf(key), { message, until: null, at })
    else mailed.delete(nameOf(key))
  },
  async prune(before, limit) {
    const old = [...mailed].filter(([, { at }]) => at < before).slice(0, limit)
    for (const [name] of old) mailed.delete(name)
    return old.length
  },
})
