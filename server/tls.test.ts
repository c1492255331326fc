/**
 * The server and the client over TLS with certificates on both sides.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createTlsServer, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { profiles } from '../profiles/index.js'
import { createHub, type Hub, resolveConfig } from '../src/index.js'
import { type Certificate, selfSigned } from '../test/certificate.js'
import { createServer } from './app.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-server-tls-'))
const server = selfSigned('server.example')
const client = selfSigned('client.example')
const stranger = selfSigned('stranger.example')
const fileWith = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

let hub: Hub
let app: ReturnType<typeof createServer>
let url: string
beforeAll(async () => {
  const tls = { cert: fileWith('s.crt', server.cert), key: fileWith('s.key', server.key), clients: 'ask' } as const
  const config = { database: 'memory', log: { level: 'silent' }, server: { tls } } as const
  hub = await createHub({ config, plugins: profiles })
  app = createServer(hub)
  url = await app.listen({ host: '127.0.0.1', port: 0 })
  await hub.resources.change(hub.local, { do: 'create', id: 'app-1', type: 'device' })
  const grant = { name: 'c', roles: ['publisher', 'subscriber'], resource: 'app-1' } as const
  await hub.keys.create(hub.local, { ...grant, kind: 'certificate', certificate: client.cert })
})
afterAll(async () => {
  await app.close()
  await hub.close()
  rmSync(folder, { recursive: true })
})

const get = (path: string, shown?: Certificate): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const options = { ca: server.cert, ...shown, agent: false }
    httpsRequest(url + path, options, (answer) => answer.resume().on('end', () => resolve(answer.statusCode)))
      .on('error', reject)
      .end()
  })

it('knows a caller by the certificate it shows, and no other', async () => {
  expect(url).toMatch(/^https:/)
  expect(await get('/healthz')).toBe(200)
  expect(await get('/aps/2/resources/app-1', client)).toBe(200)
  expect(await get('/aps/2/resources/app-1', stranger)).toBe(401)
  expect(await get('/aps/2/resources/app-1')).toBe(401)
})

it('shows a receiver the certificate meant for it, and trusts it by the authority named', async () => {
  const seen: string[] = []
  const options = { cert: server.cert, key: server.key, ca: client.cert, requestCert: true }
  const receiver = createTlsServer(options, ({ socket }, response) => {
    seen.push(String((socket as TLSSocket).getPeerCertificate().subject?.CN))
    response.end()
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => receiver.once('listening', listening))
  const origin = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const files = {
    cert: fileWith('c.crt', client.cert),
    key: fileWith('c.key', client.key),
    ca: fileWith('ca', server.cert),
  }
  const send = async (certificates: Record<string, typeof files>) => {
    const egress = { allow: ['127.0.0.0/8'], certificates }
    const sealing = { key: Buffer.alloc(32, 'k7').toString('base64') }
    const sending = await createHub({ config: { database: 'memory', log: { level: 'silent' }, egress, sealing } })
    const target = { url: `${origin}/hook` }
    const made = { name: 'w', types: ['*'], transport: 'webhook', target }
    const { id } = await sending.subscriptions.create(sending.local, made)
    const { outcome } = await sending.subscriptions.test(sending.local, id)
    await sending.close()
    return outcome
  }
  expect(await send({ [origin]: files })).toBe('delivered')
  expect(await send({})).toBe('retry')
  expect(await send({ [origin]: { ...files, cert: '', key: '' } }).catch(({ code }) => code)).toBe('invalid_config')
  expect(seen).toEqual(['client.example'])
  receiver.close()
  receiver.closeAllConnections()
})

it('says which settings of TLS do not belong together', () => {
  const refused = (config: object) => {
    try {
      return resolveConfig({ database: 'memory', ...config }) && 'taken'
    } catch (error) {
      return String((error as { field: string }).field)
    }
  }
  expect(refused({ server: { tls: { cert: 'a' } } })).toBe('server.tls.key')
  expect(refused({ server: { tls: { clients: 'ask' } } })).toBe('server.tls.clients')
  const cert = { cert: 'a', key: 'b' }
  expect(refused({ egress: { certificates: { 'http://a': cert } } })).toBe('egress.certificates')
  expect(refused({ egress: { certificates: { 'https://a/b': cert } } })).toBe('egress.certificates')
  expect(refused({ egress: { certificates: { 'https://a': { cert: 'a' } } } })).toBe('egress.certificates.https://a')
  expect(refused({ egress: { certificates: { 'https://a': cert } } })).toBe('taken')
})
