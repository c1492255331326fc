/**
 * A server with two tenants and a key of each role, listening on a free port of the loopback.
 */
import type { AddressInfo } from 'node:net'
import {
  type ConfigInput,
  createHub,
  type Hub,
  type HubOptions,
  type Principal,
  ROLES,
  type Role,
} from '../src/index.js'
import { createServer, type ServerOptions } from './app.js'
import { MATRIX_PLUGIN } from './objects.js'

export interface World {
  readonly hub: Hub
  readonly url: string
  /** Keys of the tenant `default`, by role. */
  readonly keys: Readonly<Record<Role, string>>
  /** The administrator of another tenant. */
  readonly other: { readonly tenant: string; readonly key: string; readonly principal: Principal }
  close(): Promise<void>
}

/** Webhooks may go to the loopback, where nobody listens. */
const CONFIG: ConfigInput = {
  database: 'memory',
  log: { level: 'silent' },
  sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  egress: { allow: ['127.0.0.0/8'], allowHttp: true },
}

export async function startWorld(options: ServerOptions = {}, hubOptions: HubOptions = {}): Promise<World> {
  const hub = await createHub({ config: CONFIG, plugins: [MATRIX_PLUGIN], ...hubOptions })
  const app = createServer(hub, options)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return {
    hub,
    url: `http://127.0.0.1:${port}`,
    keys: await keysByRole(hub),
    other: await otherTenant(hub),
    close: async () => {
      await app.close()
      await hub.close()
    },
  }
}

async function keysByRole(hub: Hub): Promise<Record<Role, string>> {
  const keys = ROLES.map(async (role) => {
    // A subscriber sees through a resource.
    const resource = role === 'subscriber' ? 'mia' : null
    return [role, (await hub.keys.create(hub.local, { name: role, roles: [role], resource })).key]
  })
  return Object.fromEntries(await Promise.all(keys)) as Record<Role, string>
}

async function otherTenant(hub: Hub): Promise<World['other']> {
  const tenant = 'other'
  await hub.tenants.create(hub.local, { id: tenant, name: 'Other' })
  const { key } = await hub.keys.create({ ...hub.local, tenant }, { name: 'admin', roles: ['admin'] })
  const principal = await hub.keys.authenticate(key)
  if (!principal) throw new Error('the key just made must work')
  return { tenant, key, principal }
}

export interface Call {
  readonly key?: string
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
  /** Reads the beginning of a stream, and leaves. */
  readonly endless?: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The body as JSON; an empty object if it has none. */
  readonly json: Readonly<Record<string, unknown>>
}

/** One real request. */
export async function call(
  { url }: Pick<World, 'url'>,
  method: string,
  path: string,
  { key, body, raw, headers, endless }: Call = {},
): Promise<Answer> {
  const payload = body === undefined ? raw : JSON.stringify(body)
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(payload !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload !== undefined && { body: payload }),
  })
  const text = endless ? await beginningOf(response) : await response.text()
  return { status: response.status, headers: response.headers, text, json: parsed(text) }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}

async function beginningOf(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  await reader?.cancel()
  return new TextDecoder().decode(value)
}
