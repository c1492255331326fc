/**
 * Who calls, by the ways of APS: a call signed by OAuth 1, or the certificate of the TLS client; a bearer key of ours
 * does as well. And in whose place: `APS-Resource-ID` names a resource of the caller's application.
 */
import { AccessDenied, type Hub, NotFound, type PluginRequest, type Principal, type Resource } from '../../src/index.js'
import { living, livingOrNull } from '../living.js'
import { type Application, applicationIn, controllerOf, typeOf } from './application.js'

/** @throws AccessDenied `unauthenticated` */
export async function authenticate(request: PluginRequest, hub: Hub): Promise<Principal> {
  const authorization = header(request, 'authorization') ?? ''
  if (/^OAuth\s/i.test(authorization)) {
    const { method, body } = request
    return hub.keys.signer({ method, urls: urlsOf(request), authorization, body })
  }
  const found = await byKey(request, hub, authorization)
  if (found) return found
  throw new AccessDenied('unauthenticated', 'The call shows nobody who may call.', {
    expected: 'an OAuth 1 signature, the certificate of a TLS client, or Authorization: Bearer KEY',
  })
}

async function byKey({ connection }: PluginRequest, hub: Hub, authorization: string): Promise<Principal | null> {
  const [, bearer] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization) ?? []
  if (bearer !== undefined) return hub.keys.authenticate(bearer)
  return connection.certificate === null ? null : hub.keys.holder(connection.certificate)
}

/** A proxy in front of us may speak TLS, so that the caller signed another scheme. */
function urlsOf(request: PluginRequest): readonly string[] {
  const rest = `//${header(request, 'host') ?? ''}${request.url}`
  return [`https:${rest}`, `http:${rest}`].filter((url) => URL.canParse(url))
}

export function header({ headers }: Pick<PluginRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * The caller in the place that it names, or in its own.
 * @throws NotFound for a resource in whose place it may not act, as for one that is not there
 */
export async function actingAs(request: PluginRequest, hub: Hub): Promise<Principal> {
  const caller = await authenticate(request, hub)
  const place = header(request, 'aps-resource-id')
  if (place === undefined || place === caller.resource) return caller
  const resource = await existing(hub, caller.tenant, place)
  if (await mayActAs(hub, caller, resource)) return { ...caller, resource: place }
  throw new NotFound('resource', place)
}

/** Its own resource, those of its application's types, and for an administrator every one of the tenant. */
export async function mayActAs(hub: Hub, caller: Principal, resource: Resource): Promise<boolean> {
  if (caller.resource === null) return caller.roles.some((role) => role === 'operator' || role === 'admin')
  if (caller.resource === resource.id) return true
  const application = await applicationOf(hub, caller)
  return application !== null && typeOf(application, resource.type) !== null
}

/**
 * As whom a resource is read and changed: an application is given what is of its own types, whoever owns it, and else
 * sees what is linked with it or shares its owner.
 */
export async function inSightOf(hub: Hub, caller: Principal, id: string): Promise<Principal> {
  const application = await applicationOf(hub, caller)
  if (application === null) return caller
  const resource = await existing(hub, caller.tenant, id)
  return typeOf(application, resource.type) === null ? caller : { ...caller, resource: id }
}

export async function applicationOf(hub: Hub, { tenant, resource }: Principal): Promise<Application | null> {
  return resource === null ? null : applicationIn(await find(hub, tenant, resource))
}

/** @throws NotFound, also of one that has been removed */
export const existing = (hub: Hub, tenant: string, id: string): Promise<Resource> =>
  living(hub.resources.get(controllerOf(hub, tenant), id))

/** Null, also for one that has been removed. */
export const find = (hub: Hub, tenant: string, id: string): Promise<Resource | null> =>
  livingOrNull(hub.resources.get(controllerOf(hub, tenant), id))
