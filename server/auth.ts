/**
 * The guard: every operation but the open ones, and those of plug-ins that ask themselves, needs a bearer key (RFC 6750) that allows its scope,
 * or the session of the console, which stands for one.
 * An operator names another tenant to act on in the header `Tocsin-Tenant`.
 */
import type { FastifyRequest } from 'fastify'
import { AccessDenied, type Hub, InvalidInput, type Principal, requireScope, Unavailable } from '../src/index.js'
import { sessionOf } from './session.js'

const BEARER = /^Bearer ([\x21-\x7e]{1,512})$/i
const TENANT_HEADER = 'tocsin-tenant'

/** Reads the key before the body is read, so that strangers cannot make us parse. */
export const guard =
  (hub: Hub) =>
  async (request: FastifyRequest): Promise<void> => {
    const scope = request.routeOptions.config.scope
    if (scope === undefined || scope === 'open' || scope === 'own') return
    const principal = await principalOf(hub, request).catch((error: unknown) => asLastKnown(hub, request, error))
    if (scope !== 'any') requireScope(principal, scope)
    request.caller = await actingFor(hub, principal, request.headers[TENANT_HEADER])
  }

/** @throws AccessDenied `unauthenticated`: missing, malformed, unknown, revoked and expired are told alike. */
export async function principalOf(hub: Hub, request: FastifyRequest): Promise<Principal> {
  const bearer = bearerOf(request)
  const principal = bearer === null ? (await sessionOf(hub, request))?.principal : await hub.keys.authenticate(bearer)
  if (principal) return principal
  throw new AccessDenied('unauthenticated', 'The call needs a valid key.', { expected: 'Authorization: Bearer KEY' })
}

/** How the instance is must be told just when its store does not answer; a key that was revoked meanwhile is told too. */
function asLastKnown(hub: Hub, request: FastifyRequest, error: unknown): Principal {
  const bearer = bearerOf(request)
  const known = request.routeOptions.config.scope === 'metrics:read' && error instanceof Unavailable && bearer !== null
  const principal = known ? hub.keys.lastKnown(bearer) : null
  if (principal) return principal
  throw error
}

const bearerOf = (request: FastifyRequest): string | null =>
  BEARER.exec(request.headers.authorization ?? '')?.[1] ?? null

async function actingFor(hub: Hub, principal: Principal, header: string | string[] | undefined): Promise<Principal> {
  if (header === undefined || header === principal.tenant) return principal
  if (typeof header === 'string') return hub.tenants.actFor(principal, header)
  throw new InvalidInput('invalid_request', 'Name one tenant.', { field: TENANT_HEADER })
}
