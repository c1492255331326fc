/**
 * Webhooks over TLS by the target's own rules: an authority of its own, and a certificate that we show.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Certificates, makeCertificates } from '../../test/services/certificates.js'
import { EgressClient } from '../access/egress/client.js'
import { createPolicy } from '../access/egress/guard.js'
import type { OutgoingMessage } from './transport.js'
import { webhookTransport } from './webhook.js'

const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
const webhook = webhookTransport({ egress, version: '1.2.3' })
const ours = makeCertificates()
const others = makeCertificates()
let server: Server
let url: string
/** Who came, by the name in the certificate shown. */
const shown: string[] = []

const MESSAGE: OutgoingMessage = {
  id: 'msg_1',
  event: { id: 'e1', source: '/test', type: 'device.issued' },
  time: Date.UTC(2026, 10, 21),
  attempt: 1,
  headers: { 'content-type': 'application/json' },
  body: '{}',
}

const send = (target: Partial<Certificates> & { readonly url?: string }) =>
  webhook.open({ url, ...target }).send(MESSAGE, AbortSignal.timeout(5_000))

beforeAll(async () => {
  server = createServer({ ...ours, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    shown.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN))
    response.end()
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(async () => {
  await egress.close()
  server.closeAllConnections()
  server.close()
})

describe('mutual TLS', () => {
  it('shows its certificate to a receiver of its own authority', async () => {
    await webhook.check({ url, ...ours })
    expect(await send(ours)).toMatchObject({ outcome: 'delivered', code: '200' })
    expect(shown).toEqual(['server'])
  })

  it('never lends its connection to a target that shows none, or another', async () => {
    expect(await send(ours)).toMatchObject({ outcome: 'delivered' })
    const before = shown.length
    for (const target of [{ ca: ours.ca }, { ca: ours.ca, cert: others.cert, key: others.key }])
      expect(await send(target)).toMatchObject({ outcome: 'retry', code: expect.stringMatching(/^(tls|reset)$/) })
    expect(shown.length).toBe(before)
  })

  it('speaks to no receiver that another authority vouches for', async () => {
    for (const target of [{}, { ca: others.ca, cert: ours.cert, key: ours.key }])
      expect(await send(target)).toMatchObject({ outcome: 'retry', code: 'tls' })
  })

  it.each<[string, Record<string, string>, string]>([
    ['a certificate without its key', { cert: ours.cert }, 'target.key'],
    ['a key without its certificate', { key: ours.key }, 'target.cert'],
    ['the key of another certificate', { cert: ours.cert, key: others.key }, 'target.key'],
    ['an authority that is no certificate', { ca: '-----BEGIN CERTIFICATE-----\nx' }, 'target.ca'],
    ['certificates without TLS', { url: 'http://127.0.0.1:1/', ca: ours.ca }, 'target.ca'],
  ])('refuses %s, and tells no key', async (_what, target, field) => {
    const refusal = await webhook.check({ url, ...target }).then(
      () => null,
      (error: unknown) => error,
    )
    expect(refusal).toMatchObject({ code: 'invalid_request', field })
    expect(JSON.stringify(refusal)).not.toContain('PRIVATE KEY')
  })

  it('keeps its key out of what a receiver says', async () => {
    const echo = createServer(ours, (_, response) => response.writeHead(500).end(`you sent ${ours.key}`))
    echo.listen(0, '127.0.0.1')
    await once(echo, 'listening')
    const outcome = await send({ ...ours, url: `https://127.0.0.1:${(echo.address() as AddressInfo).port}/` })
    echo.closeAllConnections()
    echo.close()
    expect(JSON.stringify(outcome)).toContain('***')
    expect(JSON.stringify(outcome)).not.toContain(ours.key.split('\n')[1])
  })
})

describe('headers', () => {
  it.each([
    [{ 'x-a': '1' }, { 'X-A': '2' }, 'target.headers.x-a'],
    [{}, { host: 'x' }, 'target.publicHeaders.host'],
  ])('are given once, secret or public: %j %j', async (headers, publicHeaders, field) => {
    await expect(webhook.check({ url, headers, publicHeaders })).rejects.toMatchObject({ field })
  })
})
