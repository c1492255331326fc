import { SNMPTRAPD, startSnmptrapd } from '../../test/services/snmptrapd.js'
import { type AnyEvent, toWire } from '../tocsin.js'
import { HOST, type Way } from './way.js'

/** What is used of net-snmp, which has no types (https://www.npmjs.com/package/net-snmp). */
interface NetSnmp {
  readonly Version2c: number
  createSession(address: string, community: string, options: object): Session
}
interface Session {
  inform(oid: string, varbinds: readonly object[], done: (error: unknown) => void): void
  on(event: 'error', listener: () => void): unknown
  close(): void
}

const COMMUNITY = 'bench'
/** Of docs/snmp/TOCSIN-MIB.txt. */
const TOCSIN = '1.3.6.1.4.1.8072.9999.9999.7867'
const USER_EVENT = `${TOCSIN}.0.4`

export const snmp: Way = {
  name: 'SNMP informs, 2c',
  transport: 'snmp',
  against: 'net-snmp',
  count: 2_000,
  inFlight: 10,
  goal: 0.7,
  need: SNMPTRAPD,
  async open() {
    const { port, close } = await startSnmptrapd([`authCommunity log ${COMMUNITY}`])
    return {
      target: async () => ({ host: HOST, port, version: '2c', community: COMMUNITY }),
      async client() {
        const name: string = 'net-snmp'
        const { default: library } = (await import(name)) as { readonly default: NetSnmp }
        const session = library.createSession(HOST, COMMUNITY, { version: library.Version2c, trapPort: port })
        session.on('error', () => undefined)
        return { send: (event) => informed(session, event), close: async () => session.close() }
      },
      close,
    }
  },
}

function informed(session: Session, event: AnyEvent): Promise<void> {
  const { id, source, type, subject = '' } = event
  const values = [`msg_${id}`, id, source, type, subject, '', '', JSON.stringify(toWire(event))]
  const varbinds = values.map((value, index) => ({ oid: `${TOCSIN}.1.${index + 1}.0`, type: 4, value }))
  return new Promise((resolve, reject) => {
    session.inform(USER_EVENT, varbinds, (error) => (error ? reject(error) : resolve()))
  })
}
