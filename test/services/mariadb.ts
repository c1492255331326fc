/**
 * A MariaDB of one's own. It leaves syncing to the system: nobody takes the power away.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import type { Need } from '../faults/tools.js'
import { type Certificates, writeCertificates } from './certificates.js'
import { type Launch, type OwnServer, type Place, start } from './server.js'

const PROGRAM = '/usr/sbin/mariadbd'

export const MARIADB: Need = { there: existsSync(PROGRAM), without: 'mariadb-server' }

export interface MariadbAddress {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

export interface Mariadb extends Pick<OwnServer, 'folder' | 'stop' | 'start' | 'close'> {
  readonly address: MariadbAddress
}

const USER = 'tocsin_tests'

/** @param certificates with them it offers TLS. */
export async function startMariadb(certificates?: Certificates): Promise<Mariadb> {
  const server = await start('mysql', (place) => prepared(place, certificates), isOurs)
  const close = async () => {
    // It hears no SIGINT.
    await server.stop('SIGTERM')
    await server.close()
  }
  return { ...server, close, address: addressOf(server) }
}

const addressOf = ({ port, password }: Place): MariadbAddress => ({ host: '127.0.0.1', port, user: USER, password })

function prepared(place: Place, certificates?: Certificates): Launch {
  const { folder, port, password, user } = place
  const data = `--datadir=${join(folder, 'data')}`
  const made = ['--no-defaults', data, '--auth-root-authentication-method=normal', '--skip-test-db']
  execFileSync('mariadb-install-db', made, { cwd: folder, ...user, stdio: 'pipe' })
  const file = join(folder, 'init.sql')
  const rights = `GRANT ALL ON *.* TO ${USER}@'%' IDENTIFIED BY '${password}' WITH GRANT OPTION`
  writeFileSync(file, `DROP USER IF EXISTS root@localhost;\n${rights};\n`)
  if (certificates) writeCertificates(folder, certificates)
  const tls = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' }
  const secure = Object.entries(tls).map(([option, name]) => `--ssl-${option}=${join(folder, name)}`)
  const own = [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(folder, 'socket')}`,
    `--init-file=${file}`,
  ]
  const small = [
    '--skip-name-resolve',
    '--performance-schema=OFF',
    '--innodb-log-file-size=8M',
    '--innodb-flush-method=nosync',
  ]
  // Texts are the same in whatever case, as they are unless somebody says otherwise.
  const texts = ['--character-set-server=utf8mb4', '--collation-server=utf8mb4_general_ci']
  return {
    command: PROGRAM,
    args: ['--no-defaults', data, ...own, ...small, ...texts, ...(certificates ? secure : [])],
  }
}

/** Nobody else knows the password. */
async function isOurs(place: Place): Promise<void> {
  const connection = await createConnection({ ...addressOf(place) })
  await connection.end()
}
