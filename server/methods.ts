/**
 * A known path with another method: 405 with `Allow` (RFC 9110, section 15.5.6).
 */
import type { FastifyInstance, HTTPMethods } from 'fastify'
import { InvalidInput } from '../src/index.js'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const satisfies readonly HTTPMethods[]

/** Notes the methods of every route; call the answer once all routes are there. */
export function answerOtherMethods(app: FastifyInstance): () => void {
  const allowed = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    allowed.set(url, new Set([...(allowed.get(url) ?? []), ...[method].flat()]))
  })
  return () => {
    for (const [url, methods] of [...allowed]) refuse(app, url, [...methods])
  }
}

function refuse(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  const method = METHODS.filter((name) => !allowed.includes(name))
  const allow = allowed.join(', ')
  app.route({
    url,
    method,
    schema: { hide: true },
    config: { scope: 'open' },
    onRequest: async (_request, reply) => {
      reply.header('allow', allow)
      throw new InvalidInput('method_not_allowed', 'This path does not know the method.', { expected: allow })
    },
    handler: async () => undefined,
  })
}
