/**
 * The one way to the server: the client that the description of the API gives, with the session's cookie.
 */
import createClient from 'openapi-fetch'
import type { components, paths } from './schema.js'

type Schemas = components['schemas']
export type Session = Schemas['Session']
export type EventView = Schemas['Event']
export type EventTree = Schemas['EventTree']
export type Timeline = Schemas['Timeline']
export type Task = Schemas['Task']
export type TaskWithAttempts = Schemas['TaskWithAttempts']
export type Attempt = Schemas['Attempt']
export type TaskCounts = Schemas['TaskCounts']
export type Subscription = Schemas['Subscription']
export type Explanation = Schemas['Explanation']
export type EventType = Schemas['EventType']
export type Plugin = Schemas['Plugin']
export type Processor = Schemas['Processor']
export type Resource = Schemas['Resource']
export type Key = Schemas['Key']
export type Tenant = Schemas['Tenant']

/** What went wrong, as RFC 9457 tells it; `unreachable` when nobody answered. */
export class Problem extends Error {
  readonly code: string
  readonly status: number
  readonly field: string | undefined
  readonly expected: string | undefined
  readonly retryAfter: number | undefined
  readonly requestId: string | undefined
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(said: Partial<Schemas['Problem']>) {
    super(said.detail ?? 'The server does not answer.')
    this.code = said.code ?? 'unreachable'
    this.status = said.status ?? 0
    this.field = said.field
    this.expected = said.expected
    this.retryAfter = said.retryAfter
    this.requestId = said.requestId
    this.data = said.data
  }
}

/** Without it the cookie counts for nothing: another site's page cannot send it. */
export const CONSOLE_HEADERS = { 'tocsin-console': '1' }

const TENANT = 'tocsin-tenant'

/** The tenant an operator looks at; null: that of the key. */
let tenant: string | null = null
export const lookAt = (id: string | null): void => {
  tenant = id
}
export const tenantNow = (): string | null => tenant
export const headersNow = (): Record<string, string> => ({
  ...CONSOLE_HEADERS,
  ...(tenant !== null && { [TENANT]: tenant }),
})

let lost: () => void = () => undefined
/** Called when the session is over. */
export const onSessionLost = (then: () => void): void => {
  lost = then
}

/** A call that names a tenant means that one; an empty name means the caller's own. */
export const api = createClient<paths>({ baseUrl: location.origin })
api.use({
  onRequest({ request }) {
    const asked = request.headers.get(TENANT)
    for (const [name, value] of Object.entries(headersNow())) request.headers.set(name, value)
    if (asked === '') request.headers.delete(TENANT)
    else if (asked !== null) request.headers.set(TENANT, asked)
  },
})

interface Answered<Data> {
  readonly data?: Data
  readonly error?: unknown
  readonly response: Response
}

/** The answer's body. @throws Problem for everything that is not a success */
export async function ask<Data>(call: Promise<Answered<Data>>): Promise<Data> {
  const { data, error, response } = await call.catch(() => {
    throw new Problem({})
  })
  if (response.ok) return data as Data
  if (response.status === 401 && !/\/v1\/session(\/|$)/.test(response.url)) lost()
  throw new Problem(typeof error === 'object' && error !== null ? error : { status: response.status })
}

export const problemOf = (thrown: unknown): Problem =>
  thrown instanceof Problem ? thrown : new Problem({ code: 'console', detail: String(thrown) })
