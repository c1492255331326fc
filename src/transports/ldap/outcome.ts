/**
 * What a directory's result means for the task. One table, in `docs/transports.md` too. What lies at the event's own values is
 * refused: it would fail for ever. All else (server, login, rights, schema, what the entry lies below) can be put right over there, and
 * is tried again. Codes: RFC 4511, appendix A.
 */
import type { Excerpts } from '../excerpt.js'
import { ValueFailed } from '../mapping.js'
import { outcomeOfEgress } from '../peer.js'
import type { SendOutcome } from '../transport.js'
import type { Applied } from './apply.js'
import { LdapRefusal } from './directory.js'

const DONE: Readonly<Record<Applied, string>> = {
  added: 'The entry was added.',
  changed: 'The entry was changed.',
  deleted: 'The entry was deleted.',
  renamed: 'The entry was renamed.',
  unchanged: 'Told before, a newer event was, or nothing is asked for.',
}

export const outcomeOf = (applied: Applied): SendOutcome =>
  applied === 'unchanged'
    ? { outcome: 'delivered', code: 'unchanged', response: DONE.unchanged }
    : { outcome: 'delivered', response: DONE[applied] }

const OF_THE_VALUES: ReadonlySet<number> = new Set([18, 19, 20, 21, 34, 64, 65, 67, 68, 69, 71])
/** Who we are was not believed, or not said well enough. */
const AUTHENTICATION: ReadonlySet<number> = new Set([7, 8, 13, 48, 49])

const TELLING: Readonly<Record<number, string>> = {
  3: 'It took the directory too long',
  10: 'The directory refers to another one, which is not followed',
  11: 'A limit of the directory is reached',
  16: 'The entry has no such value',
  17: 'The directory does not know the attribute',
  19: 'A value breaks a rule of the directory',
  20: 'The entry has the value already',
  21: 'A value does not fit its attribute',
  32: 'There is no such entry, or nothing it could lie below',
  34: 'The name cannot be used',
  50: 'The user may not do that',
  51: 'The directory is busy',
  52: 'The directory is not available',
  53: 'The directory is not willing to do that',
  64: 'The entry cannot have this name',
  65: 'The entry does not fit its classes',
  66: 'There are entries below this one',
  67: 'The value is in the name of the entry; rename it',
  68: 'There is such an entry, with other values',
  69: 'The classes of the entry cannot be changed so',
  71: 'The entry would move to another server',
}

/** @throws the error itself if it is a fault of ours. */
export function outcomeOfError(error: unknown, excerpts: Excerpts): SendOutcome {
  if (error instanceof ValueFailed)
    return { outcome: 'refused', code: 'mapping_failed', message: excerpts.mask(error.message) }
  return error instanceof LdapRefusal ? ofResult(error, excerpts) : outcomeOfEgress(error)
}

function ofResult({ code, message }: LdapRefusal, excerpts: Excerpts): SendOutcome {
  const said = message === '' ? {} : { response: excerpts.of(message, false) }
  if (AUTHENTICATION.has(code))
    return { outcome: 'retry', code: 'authentication', message: `The directory refuses the login (${code}).`, ...said }
  const telling = `${TELLING[code] ?? 'The directory failed'} (${code}).`
  return { outcome: OF_THE_VALUES.has(code) ? 'refused' : 'retry', code: String(code), message: telling, ...said }
}
