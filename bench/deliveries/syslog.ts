import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { RSYSLOG, startRsyslog } from '../../test/services/rsyslog.js'
import { type AnyEvent, toWire } from '../tocsin.js'
import { HOST, type Way } from './way.js'

export const syslog: Way = {
  name: 'lines by syslog, TCP',
  transport: 'syslog',
  against: 'a socket',
  count: 5_000,
  inFlight: 10,
  goal: 0.7,
  need: RSYSLOG,
  async open() {
    const { port, close } = await startRsyslog()
    return {
      target: async () => ({ host: HOST, port, protocol: 'tcp' }),
      async client() {
        const socket = connect({ host: HOST, port, noDelay: true })
        await once(socket, 'connect')
        return { send: (event) => written(socket, lineOf(event)), close: async () => socket.end() }
      },
      close,
    }
  },
}

/** RFC 6587, section 3.4.1. */
function lineOf(event: AnyEvent): string {
  const line = `<85>1 ${event.time} host tocsin - ${event.type} - ${JSON.stringify(toWire(event))}`
  return `${Buffer.byteLength(line)} ${line}`
}

const written = (socket: Socket, line: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.write(line, (error) => (error ? reject(error) : resolve()))
  })
