/**
 * A collector of one's own: rsyslog, which takes UDP and TCP, or TLS, and writes what it understood as JSON lines.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import type { Need } from '../faults/tools.js'
import { type Certificates, writeCertificates } from './certificates.js'
import { type OwnServer, type Place, start } from './server.js'

const PROGRAM = '/usr/sbin/rsyslogd'

export const RSYSLOG: Need = {
  there: existsSync(PROGRAM) && existsSync('/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so'),
  without: 'rsyslog',
}

export interface SyslogLine {
  readonly pri: string
  readonly timestamp: string
  readonly host: string
  readonly app: string
  readonly id: string
  readonly data: string
  readonly msg: string
}

export interface Rsyslog extends Pick<OwnServer, 'port' | 'stop' | 'start' | 'close'> {
  /** All lines so far, once no more come. */
  lines(): Promise<readonly SyslogLine[]>
}

/**
 * @param certificates with them it speaks TLS, and only TLS.
 * @param demands whoever speaks shows a certificate of the same authority.
 */
export async function startRsyslog(certificates?: Certificates, demands = false): Promise<Rsyslog> {
  const outputOf = ({ folder }: { readonly folder: string }) => join(folder, 'lines')
  const prepare = (place: Place) => {
    if (certificates) writeCertificates(place.folder, certificates)
    const file = join(place.folder, 'conf')
    writeFileSync(file, configuration(place, outputOf(place), certificates && (demands ? 'x509/certvalid' : 'anon')))
    return { command: PROGRAM, args: ['-n', '-f', file, '-i', join(place.folder, 'pid')] }
  }
  const isOurs = async (place: Place) => {
    const line = `<13>1 - - probe - ${place.password} - probe`
    await said(place.port, `${line.length} ${line}`, certificates)
    await sleep(30)
    if (!textOf(outputOf(place)).includes(place.password)) throw new Error('Its file does not hold what it was told.')
  }
  const server = await start('syslog', prepare, isOurs)
  return {
    ...server,
    // It does not hear SIGINT.
    async close() {
      await server.stop('SIGTERM')
      await server.close()
    },
    async lines() {
      let before = ''
      for (let text = textOf(outputOf(server)); text !== before; text = textOf(outputOf(server))) {
        before = text
        await sleep(150)
      }
      const lines = before.split('\n').slice(0, -1)
      return lines.map((line) => JSON.parse(line) as SyslogLine).filter(({ app }) => app !== 'probe')
    },
  }
}

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')

const FIELDS: Readonly<Record<keyof SyslogLine, string>> = {
  ...{ pri: 'pri', timestamp: 'timereported', host: 'hostname', app: 'app-name', id: 'msgid' },
  ...{ data: 'structured-data', msg: 'msg' },
}

function configuration(
  { folder, port }: Place,
  output: string,
  secured: 'anon' | 'x509/certvalid' | undefined,
): string {
  const file = (name: string) => `"${join(folder, name)}"`
  const driver = `defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile=${file('ca.pem')}
  defaultNetstreamDriverCertFile=${file('cert.pem')} defaultNetstreamDriverKeyFile=${file('key.pem')}`
  const mode = `streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="${secured}"`
  const properties = Object.entries(FIELDS).map(
    ([name, property]) =>
      `property(outname="${name}" name="${property}" format="jsonf"${name === 'timestamp' ? ' dateFormat="rfc3339"' : ''})`,
  )
  return `global(workDirectory="${folder}" maxMessageSize="64k" net.enableDNS="off" ${secured ? driver : ''})
module(load="imtcp" ${secured ? mode : ''})
input(type="imtcp" address="127.0.0.1" port="${port}")
${secured ? '' : `module(load="imudp")\ninput(type="imudp" address="127.0.0.1" port="${port}")`}
template(name="json" type="list") { constant(value="{") ${properties.join(' constant(value=",") ')} constant(value="}\\n") }
action(type="omfile" file="${output}" template="json" fileCreateMode="0644")
`
}

function said(port: number, text: string, certificates?: Certificates): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = certificates ? tls.connect({ port, host: '127.0.0.1', ...certificates }) : connect(port, '127.0.0.1')
    socket.on('error', reject)
    socket.once(certificates ? 'secureConnect' : 'connect', () => socket.end(text, () => resolve()))
  })
}
