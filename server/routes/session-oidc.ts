/**
 * Signing in by OpenID Connect. The provider sends the browser back to a page of the console, which hands on what it brought: so each
 * step is a call of that page, and another site's page can make none of them.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { AccessDenied, type Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { OrNull } from '../or-null.js'
import { drop, keep, requireConsole, SIGN_IN, tokenOf, viewOf } from '../session.js'

const about = (operationId: string, summary: string) =>
  ({ operationId, summary, tag: 'session', scope: 'open' }) as const

const WAY = Type.Object({
  title: OrNull(Type.String({ description: 'What the provider is called; null: one signs in by key alone.' })),
})

const AWAY = Type.Object({ url: Type.String({ description: 'Of the provider: where the browser is to go.' }) })

const ANSWER = Type.Object(
  {
    answer: Type.String({
      maxLength: 16_384,
      description: 'The query that the provider sent the browser back with: `code=…&state=…`.',
    }),
  },
  { additionalProperties: false },
)

const json = (description: string, schema: typeof WAY | typeof AWAY) => ({
  description,
  content: { 'application/json': { schema } },
})

export const oidcRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/session/oidc',
      operation(about('getSignIn', 'Whether one may sign in by OpenID Connect'), {
        response: { 200: json('How it is set up.', WAY) },
      }),
      async () => ({ title: hub.signIn.title }),
    )

    app.post(
      '/v1/session/oidc',
      operation(about('beginSignIn', 'Go to the OpenID provider'), { response: { 201: json('Begun.', AWAY) } }),
      async (request, reply) => {
        requireConsole(request)
        const begun = await hub.signIn.begin(originOf(request))
        return keep(request, reply, begun, SIGN_IN).status(201).send({ url: begun.url })
      },
    )

    app.post(
      '/v1/session/oidc/answer',
      operation(about('finishSignIn', 'Sign in by what the OpenID provider answered'), {
        body: ANSWER,
        response: { 201: answers('Signed in.', 'Session') },
      }),
      async (request, reply) => {
        requireConsole(request)
        drop(request, reply, SIGN_IN)
        const session = await hub.signIn.finish(tokenOf(request, SIGN_IN), request.body.answer)
        return keep(request, reply, session).status(201).send(viewOf(session.principal, session.until))
      },
    )
  }

/** Browsers say it of every such call, and pages cannot. @throws AccessDenied `forbidden` */
function originOf({ headers: { origin = '' } }: FastifyRequest): string {
  if (/^https?:\/\/[^/?#\s@]{1,300}$/.test(origin)) return origin
  throw new AccessDenied('forbidden', 'Only a browser is sent to the provider.', { field: 'Origin' })
}
