/**
 * Entries in a directory (LDAP 3, RFC 4511): each event adds, modifies, deletes or renames one, in a way that a repeat changes nothing.
 */
import { EgressError, isEgressError } from '../../access/egress/egress-error.js'
import { untilAborted } from '../abort.js'
import { excerptsWithout } from '../excerpt.js'
import { isTest } from '../mapping.js'
import type { PeerEgress } from '../peer.js'
import type { OutgoingMessage, Sender, SendOutcome, Transport } from '../transport.js'
import { apply } from './apply.js'
import { ldapts, type OpenDirectory, openDirectory } from './directory.js'
import { outcomeOf, outcomeOfError } from './outcome.js'
import { type Plan, planOf } from './plan.js'
import { LDAP_TARGET, type LdapTarget, readLdapTarget, refuseClassless } from './target.js'

export interface LdapOptions {
  readonly egress: PeerEgress
}

/** Milliseconds to connect and log in, whoever waits for it. */
const CONNECT = 10_000

export function ldapTransport({ egress }: LdapOptions): Transport {
  return {
    name: 'ldap',
    title: 'Directory (LDAP)',
    promise: "at least once, acknowledged by the directory's success; a repeat changes nothing",
    target: LDAP_TARGET,
    defaultFormat: 'cloudevents',
    async check(given, reads) {
      const target = readLdapTarget(given)
      planOf(target, reads)
      refuseClassless(target)
      await ldapts()
      await egress.checkHost(target.host, target.encryption !== 'none', 'target.host')
    },
    open(given) {
      const target = readLdapTarget(given)
      return ldapSender(planOf(target), target, egress)
    },
  }
}

function ldapSender(plan: Plan, target: LdapTarget, egress: PeerEgress): Sender {
  const excerpts = excerptsWithout(target.password === undefined ? [] : [target.password])
  const directories = sharedDirectory(() => connect(target, egress))

  async function write(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    if (isTest(message)) return await directories.use(signal, async () => CHECKED)
    const change = plan(message)
    if (change === null) return NOTHING
    return outcomeOf(await directories.use(signal, (directory) => apply(directory, change)))
  }

  return {
    send: (message, signal) =>
      untilAborted(signal, () =>
        write(message, signal).catch((error: unknown) => {
          signal.throwIfAborted()
          return outcomeOfError(error, excerpts)
        }),
      ),
    close: async () => directories.close(),
  }
}

const CHECKED: SendOutcome = {
  outcome: 'delivered',
  code: 'checked',
  response: 'Connected and logged in; nothing was written.',
}
const NOTHING: SendOutcome = { outcome: 'delivered', code: 'unchanged', response: 'The event asks for nothing.' }

async function connect(target: LdapTarget, egress: PeerEgress): Promise<OpenDirectory> {
  const signal = AbortSignal.timeout(CONNECT)
  try {
    return await openDirectory(target, egress, signal)
  } catch (error) {
    throw isEgressError(error) || !signal.aborted ? error : new EgressError('timeout')
  }
}

interface SharedDirectory {
  /** @param signal when it is aborted the connection is used by nobody who comes later: it may have gone dumb. */
  use<Answer>(signal: AbortSignal, work: (directory: OpenDirectory) => Promise<Answer>): Promise<Answer>
  close(): void
}

/** One connection for all, made when there is something to say and again after it ended; closed when its last user is done. */
function sharedDirectory(open: () => Promise<OpenDirectory>): SharedDirectory {
  let current: Lease | undefined

  function lease(): Lease {
    if (current !== undefined && !current.isOver()) return current
    const opened = leaseOf(open())
    current = opened
    opened.opening.catch(() => opened.retire())
    return opened
  }

  return {
    async use(signal, work) {
      const held = lease()
      const onAbort = () => held.retire()
      signal.addEventListener('abort', onAbort)
      held.take()
      try {
        const directory = await held.opening
        signal.throwIfAborted()
        return await work(directory)
      } finally {
        signal.removeEventListener('abort', onAbort)
        held.giveBack()
      }
    },
    close: () => current?.retire(),
  }
}

interface Lease {
  readonly opening: Promise<OpenDirectory>
  isOver(): boolean
  take(): void
  giveBack(): void
  /** Nobody else gets it. */
  retire(): void
}

function leaseOf(opening: Promise<OpenDirectory>): Lease {
  let users = 0
  let retired = false
  let directory: OpenDirectory | null = null
  const closeIfIdle = () => {
    if (retired && users === 0) directory?.close()
  }
  opening.then(
    (opened) => {
      directory = opened
      closeIfIdle()
    },
    () => undefined,
  )
  return {
    opening,
    isOver: () => retired || (directory !== null && !directory.isOpen()),
    take: () => {
      users += 1
    },
    giveBack: () => {
      users -= 1
      closeIfIdle()
    },
    retire: () => {
      retired = true
      closeIfIdle()
    },
  }
}
