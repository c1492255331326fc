/**
 * https: the certificate must be for the host in the URL, whatever address it was looked up to.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type RawReceiver, rawReceiver } from '../../../test/raw-receiver.js'
import { EgressClient, type EgressClientOptions } from './client.js'
import { createPolicy, type Lookup } from './guard.js'

interface Certificate {
  readonly key: string
  readonly cert: string
}

const folder = mkdtempSync(join(tmpdir(), 'tocsin-tls-'))
const HOME: Lookup = async () => [{ address: '127.0.0.1', family: 4 }]

let good: Certificate
let expired: Certificate
let names: (string | false | null)[]
let server: tls.Server | undefined
let plain: RawReceiver | undefined

/** By openssl, as Node makes keys but no certificates. */
function certify(name: string, days: string): Certificate {
  const file = (end: string) => join(folder, `${name}.${end}`)
  const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const subject = ['-subj', '/CN=receiver.example', '-addext', 'subjectAltName=DNS:receiver.example,IP:127.0.0.1']
  run('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file('key'))
  run('req', '-new', '-key', file('key'), ...subject, '-out', file('csr'))
  run(
    'x509',
    '-req',
    '-in',
    file('csr'),
    '-signkey',
    file('key'),
    '-days',
    days,
    '-copy_extensions',
    'copy',
    '-out',
    file('crt'),
  )
  return { key: readFileSync(file('key'), 'utf8'), cert: readFileSync(file('crt'), 'utf8') }
}

async function serve(options: tls.TlsOptions): Promise<number> {
  names = []
  server = tls.createServer(options, (socket) => {
    names.push(socket.servername ?? null)
    socket.on('error', () => undefined)
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'))
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function send(url: string, options: Partial<EgressClientOptions> = {}, timeout = 2_000) {
  const client = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }), lookup: HOME, ...options })
  try {
    return await client.send({ method: 'POST', url, headers: {}, body: '{}', timeout })
  } finally {
    await client.close()
  }
}

beforeAll(() => {
  good = certify('good', '30')
  expired = certify('expired', '-1')
})
afterEach(async () => {
  server?.close()
  await plain?.close()
  server = undefined
  plain = undefined
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('https', () => {
  it('reaches a host whose certificate is trusted, and names it', async () => {
    const port = await serve(good)
    expect(await send(`https://receiver.example:${port}/`, { ca: good.cert })).toMatchObject({
      status: 200,
      body: 'ok',
    })
    expect(names).toEqual(['receiver.example'])
  })

  it('reaches an address whose certificate is for that address, and names nothing', async () => {
    const port = await serve(good)
    expect(await send(`https://127.0.0.1:${port}/`, { ca: good.cert })).toMatchObject({ status: 200 })
    expect(names).toEqual([false])
  })

  it('resumes its session when it connects again', async () => {
    const port = await serve(good)
    let resumed = 0
    server?.on('secureConnection', (socket: tls.TLSSocket) => {
      resumed += socket.isSessionReused() ? 1 : 0
      socket.on('data', () => setTimeout(() => socket.end(), 20))
    })
    const client = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.1'] }), lookup: HOME, ca: good.cert })
    for (let i = 0; i < 3; i++) {
      await client.send({ method: 'GET', url: `https://receiver.example:${port}/`, headers: {}, timeout: 2_000 })
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await client.close()
    expect(resumed).toBe(2)
  })

  it.each<[string, () => Promise<number>, string]>([
    ['whose certificate nobody vouches for', () => serve(good), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['whose certificate is out of date', () => serve(expired), 'CERT_HAS_EXPIRED'],
  ])('refuses a host %s', async (_title, start, detail) => {
    const port = await start()
    const trust = detail === 'CERT_HAS_EXPIRED' ? { ca: expired.cert } : {}
    await expect(send(`https://receiver.example:${port}/`, trust)).rejects.toMatchObject({
      code: 'tls',
      message: `The TLS handshake failed: ${detail}.`,
    })
  })

  it('refuses a host with the certificate of another', async () => {
    const port = await serve(good)
    await expect(send(`https://other.example:${port}/`, { ca: good.cert })).rejects.toMatchObject({
      code: 'tls',
      message: 'The TLS handshake failed: ERR_TLS_CERT_ALTNAME_INVALID.',
    })
  })

  it('refuses TLS 1.1', async () => {
    const port = await serve({ ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await expect(send(`https://receiver.example:${port}/`, { ca: good.cert })).rejects.toMatchObject({ code: 'tls' })
  })

  it('refuses a host that speaks no TLS', async () => {
    plain = await rawReceiver({ onConnection: (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') })
    await expect(send(`https://receiver.example:${plain.port}/`)).rejects.toMatchObject({ code: 'tls' })
  })

  it('waits for a handshake no longer than its time', async () => {
    plain = await rawReceiver()
    const url = `https://receiver.example:${plain.port}/`
    await expect(send(url, {}, 200)).rejects.toMatchObject({ code: 'timeout' })
    await expect(send(url, { connectTimeout: 200 })).rejects.toMatchObject({ code: 'timeout' })
  })
})
