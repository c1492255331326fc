/**
 * A known path with another method: 405 with `Allow` (RFC 9110, section 15.5.6).
 */
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import { InvalidInput } from '../src/index.js'

/** Those that clients use have a route that refuses them, found as quickly as any. */
const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'QUERY',
  'TRACE',
] as const satisfies readonly HTTPMethods[]

interface OtherMethods {
  /** Call it once all routes are there. */
  refuse(): void
  /** Of any further method (`PROPFIND`), for which no path was found; null: the path is not known. */
  refusalOf(request: FastifyRequest, reply: FastifyReply): InvalidInput | null
}

/** Notes the methods of every route. */
export function answerOtherMethods(app: FastifyInstance): OtherMethods {
  const allowed = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    allowed.set(url, new Set([...(allowed.get(url) ?? []), ...[method].flat()]))
  })
  let paths: readonly KnownPath[] = []
  return {
    refuse() {
      const known = [...allowed].map(([url, methods]) => [url, [...methods]] as const)
      paths = known
        .map(([url, methods]) => knownPath(url, methods))
        .sort((one, other) => one.variables - other.variables)
      for (const [url, methods] of known) refuseAt(app, url, methods)
    },
    refusalOf(request, reply) {
      if (METHODS.some((method) => method === request.method)) return null
      const path = request.url.split('?', 1)[0] ?? ''
      const found = paths.find(({ fits }) => fits(path))
      return found === undefined ? null : refusal(reply, found.allow)
    },
  }
}

interface KnownPath {
  fits(path: string): boolean
  /** What is written out goes before what may be anything. */
  readonly variables: number
  readonly allow: string
}

function knownPath(url: string, allowed: readonly string[]): KnownPath {
  const parts = url.split('/')
  const isOpen = parts.at(-1) === '*'
  const tests = parts.slice(0, isOpen ? -1 : undefined).map(testOf)
  return {
    fits(path) {
      const given = path.split('/')
      if (isOpen ? given.length <= tests.length : given.length !== tests.length) return false
      return tests.every((test, index) => test(given[index] ?? ''))
    },
    variables: parts.filter((part) => /[:*]/.test(part)).length,
    allow: allowed.join(', '),
  }
}

/** Of a part of a path: `:id`, `:account(^[0-9]{12}$)`, or what is written out. */
function testOf(part: string): (given: string) => boolean {
  if (!part.includes(':')) return (given) => given === part
  const [, form = '.'] = /\((.*)\)$/.exec(part) ?? []
  const pattern = new RegExp(form)
  return (given) => pattern.test(given)
}

function refuseAt(app: FastifyInstance, url: string, allowed: readonly string[]): void {
  const method = METHODS.filter((name) => !allowed.includes(name))
  app.route({
    url,
    method,
    schema: { hide: true },
    config: { scope: 'open' },
    onRequest: async (_request, reply) => {
      throw refusal(reply, allowed.join(', '))
    },
    handler: async () => undefined,
  })
}

function refusal(reply: FastifyReply, allow: string): InvalidInput {
  reply.header('allow', allow)
  return new InvalidInput('method_not_allowed', 'This path does not know the method.', { expected: allow })
}
