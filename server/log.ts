/**
 * One wide line a request: who did what, how it ended, how long it took. Never a body, a query or a key.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Hub } from '../src/index.js'

declare module 'fastify' {
  interface FastifyRequest {
    /** What the error handler was given; told in the request's line. */
    failure: { readonly code: string; readonly cause: unknown } | null
  }
}

export const logRequest =
  (hub: Hub) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const level = levelOf(request, reply.statusCode)
    if (!hub.log.isLevelEnabled(level)) return
    hub.log[level](lineOf(request, reply), 'request')
  }

function levelOf(request: FastifyRequest, status: number): 'debug' | 'info' | 'error' {
  if (status >= 500) return 'error'
  return request.routeOptions.config.scope === 'open' ? 'debug' : 'info'
}

/** The route's pattern, not the path: ids of people stay out of the log. */
const lineOf = (request: FastifyRequest, reply: FastifyReply): object => ({
  requestId: request.id,
  operation: request.routeOptions.config.operationId,
  method: request.method,
  route: request.routeOptions.url,
  status: reply.statusCode,
  ms: Math.round(reply.elapsedTime * 1000) / 1000,
  ...(request.caller && { tenant: request.caller.tenant, principal: request.caller.id }),
  ...(request.failure && { code: request.failure.code }),
  ...(reply.statusCode >= 500 && request.failure && { err: request.failure.cause }),
})
