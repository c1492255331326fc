/**
 * A program of its own that holds two sinks of FIM CM, so that it can be killed: the first sink ends it, if told to, as kill -9
 * does, between the commit of the event and the call of the second. Started by `journeys/fim-cm-killed.test.ts`.
 */
import { appendFileSync } from 'node:fs'
import { createHub } from 'tocsin'
import { fimCm } from 'tocsin/profiles'
import type { Orders } from './lives.js'

export interface SinkOrders extends Orders {
  /** This notification is sent, and no sink after the first hears of it in this life. */
  readonly notification?: object
}

const { life, database, ledger, notification } = JSON.parse(process.argv[2] ?? '') as SinkOrders
const note = (what: string) => appendFileSync(ledger, `${life} ${what}\n`)

class First {
  initialize() {}
  notify() {
    note('first')
    if (notification) process.kill(process.pid, 'SIGKILL')
  }
}
class Second {
  initialize() {}
  notify({ request }: { request: { uuid: string } }) {
    note(`second ${request.uuid}`)
  }
}

const hub = await createHub({
  database,
  plugins: [fimCm],
  classes: { First, Second },
  config: {
    log: { level: 'silent' },
    node: 'one',
    // The next life waits for it to end.
    delivery: { lease: 10_000 },
    sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  },
})
if (notification) {
  const registrations = ['First', 'Second'].map((name) => ({ class: name, event: 'ApproveRequest' }))
  await hub.registrations.replace(hub.local, 'fim-cm', registrations)
  await hub.translate('fim-cm', notification)
}
note('ready')
// Until its input ends.
process.stdin.on('end', () => void hub.close().then(() => process.exit())).resume()
