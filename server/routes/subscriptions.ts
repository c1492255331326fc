/**
 * Subscriptions: who wants which events, where to, in which format.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { etagOf, expectedRevision, sendTagged } from '../etag.js'
import { answers, IF_MATCH, operation } from '../operation.js'
import { PAGE, pageOf, Query } from '../query.js'

const ID = Type.Object({ id: Type.String({ minLength: 1 }) })

export const subscriptionRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/subscriptions',
      operation(
        { operationId: 'createSubscription', summary: 'Subscribe', tag: 'subscriptions', scope: 'subscriptions:write' },
        {
          body: Type.Ref('SubscriptionInput'),
          response: {
            201: answers('Created. A signing secret, if there is one, is shown this once.', 'SubscriptionCreated'),
          },
        },
      ),
      async (request, reply) => {
        const created = await hub.subscriptions.create(request.caller, request.body)
        reply.headers({
          location: `/v1/subscriptions/${encodeURIComponent(created.id)}`,
          etag: etagOf(created.revision),
        })
        return reply.status(201).send(created)
      },
    )

    app.get(
      '/v1/subscriptions',
      operation(
        {
          operationId: 'listSubscriptions',
          summary: 'Subscriptions by id',
          tag: 'subscriptions',
          scope: 'subscriptions:read',
        },
        { querystring: Query(PAGE), response: { 200: answers('A page.', 'SubscriptionPage') } },
      ),
      ({ caller, query }) => hub.subscriptions.list(caller, pageOf(query)),
    )

    app.get(
      '/v1/subscriptions/:id',
      operation(
        {
          operationId: 'getSubscription',
          summary: 'One subscription',
          tag: 'subscriptions',
          scope: 'subscriptions:read',
        },
        { params: ID, response: { 200: answers('The subscription; its ETag is its revision.', 'Subscription') } },
      ),
      async (request, reply) => sendTagged(reply, await hub.subscriptions.get(request.caller, request.params.id)),
    )

    app.patch(
      '/v1/subscriptions/:id',
      operation(
        {
          operationId: 'updateSubscription',
          summary: 'Change a subscription',
          description: 'A JSON Merge Patch (RFC 7396). `If-Match` guards against a change meanwhile.',
          tag: 'subscriptions',
          scope: 'subscriptions:write',
        },
        {
          params: ID,
          headers: IF_MATCH,
          body: Type.Ref('SubscriptionPatch'),
          response: { 200: answers('Changed.', 'Subscription') },
        },
      ),
      async (request, reply) => {
        const { caller, params, body } = request
        const updated = await hub.subscriptions.update(caller, params.id, body, expectedRevision(request))
        return reply.header('etag', etagOf(updated.revision)).send(updated)
      },
    )

    app.delete(
      '/v1/subscriptions/:id',
      operation(
        {
          operationId: 'removeSubscription',
          summary: 'Remove a subscription; its unfinished tasks end',
          tag: 'subscriptions',
          scope: 'subscriptions:write',
        },
        { params: ID, response: { 204: NOTHING } },
      ),
      async ({ caller, params }, reply) => {
        await hub.subscriptions.remove(caller, params.id)
        return reply.status(204).send(null)
      },
    )
  }

const NOTHING = Type.Null({ description: 'Removed.' })
