/**
 * A manager of one's own: Net-SNMP's snmptrapd, which writes what it understood.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Need } from '../faults/tools.js'
import { type OwnServer, type Place, start } from './server.js'

const PROGRAM = '/usr/sbin/snmptrapd'

export const SNMPTRAPD: Need = { there: existsSync(PROGRAM), without: 'snmptrapd' }

export interface ReceivedNotification {
  readonly oid: string
  /** By the last number but one of their OID. */
  readonly values: Readonly<Record<string, string>>
}

export interface Snmptrapd extends Pick<OwnServer, 'port' | 'stop' | 'start' | 'close'> {
  received(): Promise<readonly ReceivedNotification[]>
}

/** @param users lines of its configuration, such as `createUser ...` and `authUser log ...`. */
export async function startSnmptrapd(users: readonly string[]): Promise<Snmptrapd> {
  const output = ({ folder }: { readonly folder: string }) => join(folder, 'log')
  const prepare = (place: Place) => {
    const file = join(place.folder, 'conf')
    const format = 'format2 <%V|%v>\\n'
    writeFileSync(file, [...users, `authCommunity log ${place.password}`, format, ''].join('\n'))
    const own = [`SNMP_PERSISTENT_DIR=${place.folder}`, 'MIBS=']
    const heard = ['-f', '-n', '-C', '-c', file, '-Onx', '-A', '-Lf', output(place), `udp:127.0.0.1:${place.port}`]
    return { command: '/usr/bin/env', args: [...own, PROGRAM, ...heard] }
  }
  const server = await start('Debian-snmp', prepare, acknowledges)
  return {
    ...server,
    async received() {
      let before = ''
      for (let text = textOf(output(server)); text !== before; text = textOf(output(server))) {
        before = text
        await sleep(150)
      }
      return notificationsIn(before).filter(({ oid }) => !oid.endsWith('.1.1.5.1'))
    },
  }
}

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')

/** Nobody else knows the community. */
async function acknowledges({ port, password }: Place): Promise<void> {
  const told = ['-v2c', '-c', password, '-t1', '-r0', `udp:127.0.0.1:${port}`, '', '.1.3.6.1.6.3.1.1.5.1']
  execFileSync('snmpinform', told, { env: { ...process.env, MIBS: '' }, stdio: 'ignore' })
}

/** Strings come in hexadecimal, sixteen bytes a line. */
const notificationsIn = (text: string): readonly ReceivedNotification[] =>
  [...text.matchAll(/<([^<>]*)>/g)].map(([, inside = '']) => {
    const binds = inside.split('|').map((bind) => /^\.([0-9.]+) = (?:[A-Za-z-]+: )?([\s\S]*)$/.exec(bind.trim()))
    const pairs = binds.map((found) => [found?.[1] ?? '', found?.[2] ?? ''] as const)
    const oid = pairs.find(([name]) => name === '1.3.6.1.6.3.1.1.4.1.0')?.[1].replace(/^\./, '') ?? ''
    const values = pairs.map(([name, value]) => [name.split('.').at(-2), fromHex(value)])
    return { oid, values: Object.fromEntries(values) }
  })

const fromHex = (value: string): string =>
  value === '""' ? '' : Buffer.from(value.replace(/\s/g, ''), 'hex').toString()
