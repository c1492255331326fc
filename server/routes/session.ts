/**
 * Signing in with a key, for people at a browser: the console.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AccessDenied, type Hub, hasRole, may, type Principal, SCOPES, seesWholeTenant } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { CONSOLE_HEADER, dropSession, isFromConsole, keepSession, sessionOf, tokenOf } from '../session.js'

const SIGN_IN = Type.Object(
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
        { body: SIGN_IN, response: { 201: answers('Signed in.', 'Session') } },
      ),
      async (request, reply) => {
        requireConsole(request)
        const { token, until, principal } = await hub.sessions.begin(request.body.key, request.ip)
        return keepSession(request, reply, token, until).status(201).send(viewOf(principal, until))
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
        return dropSession(request, reply).status(204).send(null)
      },
    )
  }

/** Another site's page must not sign anybody in or out. @throws AccessDenied `forbidden` */
function requireConsole(request: FastifyRequest): void {
  if (isFromConsole(request)) return
  throw new AccessDenied('forbidden', 'Only a page of this server signs in and out.', { expected: CONSOLE_HEADER })
}

const viewOf = (caller: Principal, until: number | undefined) => ({
  id: caller.id,
  name: caller.name,
  tenant: caller.tenant,
  roles: caller.roles,
  scopes: SCOPES.filter((scope) => may(caller, scope)),
  resource: caller.resource,
  wholeTenant: seesWholeTenant(caller),
  allTenants: hasRole(caller, 'operator'),
  until: until === undefined ? null : new Date(until).toISOString(),
})
