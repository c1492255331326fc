/**
 * A controller in a test: a server with an application's key, and the application itself, a real HTTP server that keeps
 * what it is told and answers as it was told to.
 */

import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { profiles } from '../../profiles/index.js'
import { createServer } from '../../server/app.js'
import { call } from '../../server/testing.js'
import { createHub, type Hub, signOAuth1 } from '../../src/index.js'
import { type Ground, groundOf, type Kind } from '../grounds.js'

export { STORES, until } from '../grounds.js'

export const EVENTS = 'http://aps-standard.org/core/events/'
export const SUBSCRIPTION = 'http://parallels.com/aps/types/pa/subscription/1.0'
export const ZONE = 'http://parallels.com/aps/types/pa/dns/zone/1.0'
export const CONTEXT = 'http://example.org/antispam/context/1.0'

export interface Told {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: { readonly event: string; readonly source: { readonly id: string }; readonly [more: string]: unknown }
}

/** Answers 204 unless `answer` says otherwise. */
export async function startApplication() {
  const told: Told[] = []
  const application = { told, answer: (_told: Told, _count: number): number => 204 }
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString())
      const one = { url: request.url ?? '', headers: request.headers, body }
      told.push(one)
      response.statusCode = application.answer(one, told.length)
      response.end()
    })
  }).listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const { port } = server.address() as AddressInfo
  return Object.assign(application, {
    url: `http://127.0.0.1:${port}`,
    close: () => new Promise((closed) => server.close(closed) && server.closeAllConnections()),
  })
}

export type ApplicationServer = Awaited<ReturnType<typeof startApplication>>

/** With the application `app-1`, whose service keeps contexts; and a key for it that signs by OAuth 1. */
export async function startController(kind: Kind, { url: endpoint }: { url: string }) {
  const ground = await groundOf(kind)
  let { hub, app, url } = await listen(ground)
  await hub.resources.change(hub.local, {
    ...{ do: 'create', id: 'app-1', type: 'aps-application' },
    properties: { endpoint, controllerUri: `${url}/`, types: TYPES },
  })
  const roles = ['publisher', 'subscriber'] as const
  const made = await hub.keys.create(hub.local, { name: 'antispam', roles, resource: 'app-1', kind: 'oauth1' })
  const consumer = { key: made.id, secret: made.consumerSecret ?? '' }
  await hub.resources.change(hub.local, { do: 'update', id: 'app-1', properties: { consumer: consumer.key } })
  const { key: admin } = await hub.keys.create(hub.local, { name: 'admin', roles: ['admin'] })
  let calls = 0
  return {
    consumer,
    admin,
    get hub(): Hub {
      return hub
    },
    get url() {
      return url
    },
    /** A call of the application, signed by it, perhaps in the place of a resource. */
    aps(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
      const full = { method, url: url + path }
      const moment = { timestamp: Math.floor(Date.now() / 1_000), nonce: `n${calls++}` }
      const authorization = signOAuth1(full, consumer, moment)
      return call({ url }, method, path, { body, headers: { authorization, ...headers } })
    },
    /** A call of an administrator. */
    asAdmin: (method: string, path: string, body?: unknown, headers = {}) =>
      call({ url }, method, path, { key: admin, body, headers }),
    /** A call that shows a bearer key. */
    asKey: (key: string, method: string, path: string, body?: unknown) => call({ url }, method, path, { key, body }),
    async restart() {
      await app.close()
      await hub.close()
      ;({ hub, app, url } = await listen(ground))
    },
    async close() {
      await app.close()
      await hub.close()
      ground.remove()
    },
  }
}

export type Controller = Awaited<ReturnType<typeof startController>>

async function listen({ config }: Ground) {
  const plugins = [...profiles, { name: 'test', resourceTypes: RESOURCE_TYPES }]
  const hub = await createHub({ config, plugins })
  const app = createServer(hub)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { hub, app, url }
}

/** A zone of our own implements the general one. */
const RESOURCE_TYPES = [{ name: 'http://example.org/zone/2.0', implements: [ZONE] }]

const TYPES = {
  [CONTEXT]: {
    service: 'contexts',
    operations: {
      onDomain: { path: '/onDomainEvent', parameters: { event: { kind: 'body', required: true } } },
      onLink: { path: '/onLink' },
      onTwo: { path: '/onTwo', parameters: { a: {}, b: {} } },
    },
  },
  'http://example.org/renewing/1.0': {
    service: 'renewals',
    operations: {
      onRenew: {
        ...{ verb: 'POST', path: '/onSubscriptionRenew' },
        eventSubscription: {
          event: 'http://parallels.com/aps/events/pa/subscription/renewed',
          source: { type: SUBSCRIPTION },
        },
      },
    },
  },
}
