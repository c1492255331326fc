/**
 * Servers of their own, whose settings must be told or refused: TLS and its certificates, torn pages, a standby.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { asked, type Postgres, startPostgres } from '../../../test/services/postgres.js'
import { programs } from '../../../test/services/programs.js'
import { POSTGRES } from '../../../test/services.js'
import type { PostgresOptions, TlsOptions } from './pool.js'
import { openPostgresStore } from './store.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-pg-tls-'))
const file = (name: string): string => join(folder, name)
const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']

function authority(name: string): void {
  openssl('req', '-x509', ...EC, '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`))
}

function certify(name: string, commonName: string, alternative: string): void {
  const issued = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-addext', `subjectAltName=${alternative}`]
  openssl(
    'req',
    '-x509',
    ...EC,
    ...issued,
    '-subj',
    `/CN=${commonName}`,
    '-keyout',
    file(`${name}.key`),
    '-out',
    file(`${name}.crt`),
  )
}

/** The database `certified` takes certificates and nothing else. */
const WHO_MAY = `hostssl certified all 127.0.0.1/32 cert
host all all 127.0.0.1/32 scram-sha-256
`

let server: Postgres

async function open(tls: TlsOptions | undefined, { database = 'postgres', host = '127.0.0.1' } = {}): Promise<string> {
  const { port, user, password } = server.address
  const url = `postgres://${user}:${password}@${host}:${port}/${database}`
  const options: PostgresOptions = { url, connections: 2, name: 'looks', ...(tls && { tls }) }
  const store = await openPostgresStore(options)
  try {
    await store.ping()
    return await asked(server.address, ENCRYPTED)
  } finally {
    await store.close()
  }
}

const ENCRYPTED = `SELECT string_agg(DISTINCT s.ssl::text, ',') FROM pg_stat_ssl AS s JOIN pg_stat_activity AS a USING (pid)
  WHERE a.application_name = 'looks'`

const refusal = (...args: Parameters<typeof open>): Promise<unknown> =>
  open(...args).then(
    () => 'it was opened',
    (error: unknown) => error,
  )

describe.skipIf(isLacking(POSTGRES))(named('a server of PostgreSQL', POSTGRES), () => {
  beforeAll(async () => {
    for (const name of ['ca', 'other']) authority(name)
    certify('server', 'server', 'IP:127.0.0.1')
    certify('client', 'tocsin_tests', 'DNS:client')
    certify('stranger', 'somebody_else', 'DNS:client')
    writeFileSync(file('hba.conf'), WHO_MAY)
    const settings = {
      ...{
        ssl: 'on',
        ssl_cert_file: file('server.crt'),
        ssl_key_file: file('server.key'),
        ssl_ca_file: file('ca.crt'),
      },
      hba_file: file('hba.conf'),
    }
    server = await startPostgres(programs(15) ?? '', settings, (_, user) => {
      chmodSync(folder, 0o755)
      for (const name of readdirSync(folder)) {
        chmodSync(file(name), name.endsWith('.key') ? 0o600 : 0o644)
        if (user && name.startsWith('server')) chownSync(file(name), user.uid, user.gid)
      }
    })
    await asked(server.address, 'CREATE DATABASE certified')
  }, 60_000)
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  it('is reached by TLS, with a certificate of the authority that was named', async () => {
    expect(await open({ ca: file('ca.crt') })).toBe('true')
    expect(await open(undefined)).toBe('false')
  })

  it('is refused with a certificate of another authority, unless any will do', async () => {
    for (const tls of [{ ca: file('other.crt') }, { rejectUnauthorized: true }])
      expect(await refusal(tls)).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/certificate/i) })
    expect(await open({ rejectUnauthorized: false })).toBe('true')
  })

  it('is refused under a name that its certificate does not have', async () => {
    expect(await refusal({ ca: file('ca.crt') }, { host: 'localhost' })).toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/altnames/i),
    })
  })

  it('lets in who shows a certificate of its own, and nobody else', async () => {
    const ca = file('ca.crt')
    const certified = { database: 'certified' }
    expect(await open({ ca, cert: file('client.crt'), key: file('client.key') }, certified)).toBe('true')
    expect(await refusal({ ca }, certified)).toMatchObject({ code: 'unavailable' })
    expect(await refusal({ ca, cert: file('stranger.crt'), key: file('stranger.key') }, certified)).toMatchObject({
      code: 'unavailable',
    })
    expect(await refusal({ ca: file('missing.crt') })).toMatchObject({ code: 'invalid_config', field: 'store.tls.ca' })
  })

  it('is refused where a crash could tear pages', async () => {
    await asked(server.address, 'ALTER SYSTEM SET full_page_writes = off')
    await asked(server.address, 'SELECT pg_reload_conf()')
    await expect
      .poll(() => refusal(undefined))
      .toMatchObject({ code: 'unavailable', message: expect.stringContaining('full_page_writes=off') })
    await asked(server.address, 'ALTER SYSTEM RESET full_page_writes')
    await asked(server.address, 'SELECT pg_reload_conf()')
    await expect.poll(() => refusal(undefined)).toBe('it was opened')
  })

  it('is refused as a standby, which cannot be written', async () => {
    await server.stop('SIGINT')
    const signal = join(server.folder, 'data', 'standby.signal')
    writeFileSync(signal, '')
    await server.start()
    expect(await refusal(undefined)).toMatchObject({
      code: 'unavailable',
      message: 'This PostgreSQL is a standby: it cannot be written.',
    })
    await server.stop('SIGINT')
    rmSync(signal)
    await server.start()
    expect(await refusal(undefined)).toBe('it was opened')
  })
})
