/**
 * The routes that plug-ins bring: mounted with the limits, the log and the guard of ours.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type {
  Hub,
  PluginAnswer,
  PluginBodies,
  PluginReply,
  PluginRequest,
  PluginRoute,
  TocsinError,
} from '../../src/index.js'
import { connectionOf } from '../connection.js'
import { goneOf } from '../gone.js'
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
function described(plugin: string, route: PluginRoute) {
  const { method, operationId, summary, description, scope, takes, answers, errors } = route
  const about = { operationId, summary, tag: plugin, scope, ...(description !== undefined && { description }) }
  const body = takes === undefined ? Type.Optional(Type.Unknown()) : { content: contentOf(takes) }
  const schema = { ...(method !== 'GET' && { body }), response: successOf(answers) }
  const told = operation(about, schema)
  const response = { ...told.schema.response, ...(errors && errorsAs(errors, route)) }
  return { ...told, schema: { ...told.schema, response }, validatorCompiler: () => () => true }
}

const successOf = (answer: PluginAnswer | undefined): object =>
  answer === undefined
    ? { '2xx': { description: 'What the plug-in answers.' } }
    : {
        [answer.status]: {
          description: answer.description,
          ...(answer.bodies && { content: contentOf(answer.bodies) }),
        },
      }

/** What nobody raised on purpose is a problem, but where the protocol writes all errors itself. */
const errorsAs = (bodies: PluginBodies, { refuse }: PluginRoute) => ({
  '4xx': { description: 'The request was refused.', content: contentOf(bodies) },
  ...(refuse && { '5xx': { description: 'The server failed.', content: contentOf(bodies) } }),
})

const contentOf = (bodies: PluginBodies) =>
  Object.fromEntries(Object.entries(bodies).map(([type, schema]) => [type, { schema }]))

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
    signal: goneOf(reply),
  }
}
