/**
 * A directory of one's own: OpenLDAP's slapd with an empty tree for each suffix.
 */
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, type Entry } from 'ldapts'
import type { Need } from '../faults/tools.js'
import { type Certificates, writeCertificates } from './certificates.js'
import { type OwnServer, type Place, start } from './server.js'

const PROGRAM = '/usr/sbin/slapd'
const SCHEMAS = ['core', 'cosine', 'inetorgperson'].map((name) => `/etc/ldap/schema/${name}.schema`)
const OURS = fileURLToPath(new URL('../../docs/ldap/tocsin.schema', import.meta.url))

export const SLAPD: Need = { there: existsSync(PROGRAM), without: 'slapd' }

export const ADMIN = 'cn=admin,cn=config'

export interface Slapd extends Pick<OwnServer, 'port' | 'pid' | 'stop' | 'start' | 'close'> {
  /** Of `ADMIN`. */
  readonly password: string
  /** As `ADMIN`. */
  asAdmin<Result>(work: (client: Client) => Promise<Result>): Promise<Result>
  /** All below, and the entry itself; none if it is not there. */
  entries(dn: string): Promise<readonly Entry[]>
}

/**
 * @param scheme `ldaps`, or `ldap` which also offers STARTTLS.
 * @param demands whoever speaks TLS shows a certificate of the same authority.
 */
export async function startSlapd(
  suffixes: readonly string[],
  certificates: Certificates,
  scheme: 'ldap' | 'ldaps' = 'ldap',
  demands = false,
): Promise<Slapd> {
  const asAdmin = async <Result>(place: Place, work: (client: Client) => Promise<Result>) => {
    const url = `${scheme}://127.0.0.1:${place.port}`
    const client = new Client({ url, ...(scheme === 'ldaps' && { tlsOptions: { ca: certificates.ca } }) })
    try {
      await client.bind(ADMIN, place.password)
      return await work(client)
    } finally {
      await client.unbind()
    }
  }
  const prepare = (place: Place) => {
    writeCertificates(place.folder, certificates)
    const file = join(place.folder, 'slapd.conf')
    writeFileSync(file, configuration(place, suffixes, demands))
    const { uid, gid } = place.user ?? {}
    for (const folder of suffixes.map((_, index) => join(place.folder, `tree${index}`))) {
      mkdirSync(folder)
      if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid)
    }
    return { command: PROGRAM, args: ['-f', file, '-h', `${scheme}://127.0.0.1:${place.port}/`, '-d', '0'] }
  }
  // Nobody else knows the password.
  const server = await start('openldap', prepare, (place) => asAdmin(place, async () => undefined))
  return {
    ...server,
    asAdmin: (work) => asAdmin(server, work),
    entries: (dn) =>
      asAdmin(server, async (client) => {
        const found = await client.search(dn, { scope: 'sub' }).catch((error: unknown) => {
          if (error instanceof Error && 'code' in error && error.code === 32) return { searchEntries: [] }
          throw error
        })
        return found.searchEntries
      }),
  }
}

function configuration({ folder, password }: Place, suffixes: readonly string[], demands: boolean): string {
  const databases = suffixes.map(
    (suffix, index) => `database mdb
suffix "${suffix}"
directory ${join(folder, `tree${index}`)}
maxsize 1073741824
rootdn "${ADMIN}"
`,
  )
  const files = { TLSCACertificateFile: 'ca.pem', TLSCertificateFile: 'cert.pem', TLSCertificateKeyFile: 'key.pem' }
  return [
    ...[...SCHEMAS, OURS].map((schema) => `include ${schema}`),
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    ...Object.entries(files).map(([name, file]) => `${name} ${join(folder, file)}`),
    ...(demands ? ['TLSVerifyClient demand'] : []),
    `pidfile ${join(folder, 'pid')}`,
    'database config',
    `rootdn "${ADMIN}"`,
    `rootpw ${password}`,
    ...databases,
  ].join('\n')
}
