/**
 * The routes that plug-ins bring: mounted with the limits, the log and the guard of ours.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Hub, PluginReply, PluginRequest, PluginRoute, TocsinError } from '../../src/index.js'
import { connectionOf } from '../connection.js'
import { operation } from '../operation.js'
import { keepBytes } from '../parsers.js'
import { tocsinErrorOf } from '../problem.js'

export const pluginRoutes =
  (hub: Hub, plugin: string, routes: readonly PluginRoute[]): FastifyPluginAsync =>
  async (app) => {
    keepBytes(app)
    for (const route of routes) {
      app.route({
        ...described(plugin, route),
        ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
        method: route.method,
        url: checkedPath(plugin, route),
        handler: async (request, reply) => send(reply, await route.handle(requestOf(request, reply), hub)),
        ...(route.refuse && { errorHandler: (thrown, request, reply) => refuse(route, thrown, request, reply) }),
      })
    }
  }

/** The body is the route's own affair: whatever it is arrives as bytes. */
function described(plugin: string, { method, operationId, summary, description, scope }: PluginRoute) {
  const about = { operationId, summary, tag: plugin, scope, ...(description !== undefined && { description }) }
  const schema = method === 'GET' ? {} : { body: Type.Optional(Type.Unknown()) }
  return { ...operation(about, schema), validatorCompiler: () => () => true }
}

/** @throws TypeError for a path that is ours. */
function checkedPath(plugin: string, { path }: PluginRoute): string {
  if (/^\/(?!v1(\/|$))/.test(path)) return path
  throw new TypeError(`The plug-in ${plugin} may not bring the path ${path}: it begins with a slash, and not with /v1.`)
}

function refuse(
  route: PluginRoute,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | undefined {
  const error: TocsinError = tocsinErrorOf(thrown)
  request.failure = { code: error.code, cause: thrown }
  return (
    route.refuse && send(reply, route.refuse(error, { id: request.id, url: request.url, headers: request.headers }))
  )
}

const send = (reply: FastifyReply, { status, headers = {}, body = '' }: PluginReply): FastifyReply =>
  reply
    .status(status)
    .headers(headers)
    .send(typeof body === 'string' ? body : Buffer.from(body))

function requestOf(request: FastifyRequest, reply: FastifyReply): PluginRequest {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  return {
    id: request.id,
    method: request.method,
    url: request.url,
    params: request.params as Readonly<Record<string, string>>,
    headers: request.headers,
    rawHeaders: request.raw.rawHeaders,
    body: request.body instanceof Uint8Array ? request.body : new Uint8Array(),
    connection: connectionOf(request.raw.socket),
    caller: request.routeOptions.config.scope === 'own' ? null : request.caller,
    signal: gone.signal,
  }
}
