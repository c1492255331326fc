/**
 * SNMP notifications. An inform is acknowledged by the manager's response; a trap by nobody.
 */
import { isEgressError } from '../../access/egress/egress-error.js'
import { untilAborted } from '../abort.js'
import { type Excerpts, excerptsWithout } from '../excerpt.js'
import { outcomeOfEgress, type PeerEgress } from '../peer.js'
import type { OutgoingMessage, Sender, SendOutcome, Transport } from '../transport.js'
import { notificationOf } from './notification.js'
import { type Manager, managerAt, netSnmp } from './session.js'
import { isPrivate, readSnmpTarget, SNMP_TARGET, type SnmpTarget } from './target.js'

export interface SnmpOptions {
  readonly egress: Pick<PeerEgress, 'checkHost' | 'addresses'>
  /** Of an event type; undefined if it is not known. */
  categoryOf(type: string): string | undefined
}

/** Bytes of the event in one datagram; the rest is room for what stands around it. */
const LONGEST = 60_000

export function snmpTransport({ egress, categoryOf }: SnmpOptions): Transport {
  return {
    name: 'snmp',
    title: 'SNMP',
    promise: "at least once by informs, acknowledged by the manager's response; traps best effort",
    target: SNMP_TARGET,
    defaultFormat: 'cloudevents',
    async check(given) {
      const target = readSnmpTarget(given)
      await netSnmp()
      await egress.checkHost(target.host, isPrivate(target), 'target.host')
    },
    open: (given) => snmpSender(readSnmpTarget(given), egress, categoryOf),
  }
}

function snmpSender(target: SnmpTarget, egress: SnmpOptions['egress'], categoryOf: SnmpOptions['categoryOf']): Sender {
  const excerpts = excerptsWithout(secretsOf(target))
  const managers = new Map<string, Manager>()

  /** At the address that is checked now. */
  async function manager(): Promise<Manager> {
    const snmp = await netSnmp()
    const [to] = await egress.addresses(target.host, isPrivate(target))
    if (to === undefined) throw new TypeError('A host without addresses was not refused.')
    const known = managers.get(to.address) ?? managerAt(to.address, to.family, target, snmp)
    managers.set(to.address, known)
    return known
  }

  async function tell(message: OutgoingMessage): Promise<SendOutcome> {
    try {
      await (await manager()).tell(notificationOf(message, categoryOf(message.event.type)))
      return { outcome: 'delivered' }
    } catch (error) {
      return isEgressError(error) ? outcomeOfEgress(error) : outcomeOfSnmp(error, excerpts)
    }
  }

  return {
    async send(message, signal) {
      if (Buffer.byteLength(message.body) > LONGEST) return TOO_LONG
      return await untilAborted(signal, () => tell(message))
    },
    async close() {
      for (const each of managers.values()) each.close()
      managers.clear()
    },
  }
}

const secretsOf = ({ community, authPassword, privPassword }: SnmpTarget): readonly string[] =>
  [community, authPassword, privPassword].filter((each) => each !== undefined)

const TOO_LONG: SendOutcome = {
  outcome: 'refused',
  code: 'too_long',
  message: `The event has more than ${LONGEST} bytes, which is what a notification holds. Choose payload thin.`,
}

const SILENT: SendOutcome = {
  outcome: 'retry',
  code: 'timeout',
  message: 'The manager did not acknowledge. It may be away, or not know the community.',
}

/** By the names of net-snmp's errors. */
function outcomeOfSnmp(error: unknown, excerpts: Excerpts): SendOutcome {
  if (!(error instanceof Error)) throw error
  if (error.name === 'RequestTimedOutError') return SILENT
  const code = REPORTED.test(error.message) ? 'authentication' : 'protocol'
  return { outcome: 'retry', code, message: excerpts.mask(`The manager answered: ${error.message}.`) }
}

/** The reports of RFC 3414, section 3.2. */
const REPORTED = /user ?name|digest|decrypt|security level|auth/i
