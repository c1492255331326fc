/**
 * Signing in with a key, for people at a browser: the console.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { CONSOLE_HEADER, drop, keep, requireConsole, sessionOf, tokenOf, viewOf } from '../session.js'

const BY_KEY = Type.Object(
  { key: Type.String({ minLength: 1, maxLength: 512, description: 'a bearer key of Tocsin' }) },
  { additionalProperties: false },
)

const about = (operationId: string, summary: string, scope: 'open' | 'any', description?: string) =>
  ({ operationId, summary, tag: 'session', scope, ...(description && { description }) }) as const

export const sessionRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/session',
      operation(
        about(
          'createSession',
          'Sign in with a key',
          'open',
          `Answers a cookie for twelve hours that no script can read; it counts beside the header \`${CONSOLE_HEADER}\` alone.`,
        ),
        { body: BY_KEY, response: { 201: answers('Signed in.', 'Session') } },
      ),
      async (request, reply) => {
        requireConsole(request)
        const session = await hub.sessions.begin(request.body.key, request.ip)
        return keep(request, reply, session).status(201).send(viewOf(session.principal, session.until))
      },
    )

    app.get(
      '/v1/session',
      operation(about('getSession', 'Who calls, and what they may', 'any'), {
        response: { 200: answers('By a key, or by the session that stands for one.', 'Session') },
      }),
      async (request) => viewOf(request.caller, (await sessionOf(hub, request))?.until),
    )

    app.delete(
      '/v1/session',
      operation(about('endSession', 'Sign out', 'open'), { response: { 204: Type.Null({ description: 'Ended.' }) } }),
      async (request, reply) => {
        requireConsole(request)
        const token = tokenOf(request)
        if (token !== null) hub.sessions.end(token)
        return drop(request, reply).status(204).send(null)
      },
    )
  }
