/**
 * Links between resources.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Hub, Principal, ResourceChange } from '../../src/index.js'
import { etagOf, expectedRevision } from '../etag.js'
import { answers, IF_MATCH, OptionalBody, operation } from '../operation.js'
import { PAGE, pageOf, Query, Text } from '../query.js'

const NAME = Type.String({ minLength: 1, maxLength: 256 })
const LINK = Type.Object({ id: NAME, relation: NAME, to: NAME })
const PATH = '/v1/resources/:id/links/:relation/:to'

export const linkRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    async function change(caller: Principal, link: ResourceChange, reply: FastifyReply) {
      const changed = await hub.resources.change(caller, link)
      if (changed.resource) reply.header('etag', etagOf(changed.resource.revision))
      return reply.send(changed)
    }

    app.get(
      '/v1/resources/:id/links',
      operation(
        {
          operationId: 'listLinks',
          summary: 'Links from and to a resource, by their other ends',
          tag: 'resources',
          scope: 'resources:read',
        },
        {
          params: Type.Object({ id: NAME }),
          querystring: Query({ relation: Text('Of this relation.'), ...PAGE }),
          response: { 200: answers('A page.', 'LinkPage') },
        },
      ),
      ({ caller, params, query }) => {
        const filter = query.relation === undefined ? {} : { relation: query.relation }
        return hub.resources.links(caller, params.id, filter, pageOf(query))
      },
    )

    app.put(
      PATH,
      operation(
        {
          operationId: 'linkResources',
          summary: 'Link two resources',
          description: '`If-Match` names the revision of the resource it starts from.',
          tag: 'resources',
          scope: 'resources:write',
        },
        {
          params: LINK,
          headers: IF_MATCH,
          body: OptionalBody({
            strong: Type.Optional(
              Type.Boolean({ description: 'The resource it leads to cannot be removed while the link holds.' }),
            ),
          }),
          response: { 200: answers('Linked; the resource it starts from.', 'ResourceChanged') },
        },
      ),
      (request, reply) => {
        const { caller, params, body } = request
        const link = { do: 'link', from: params.id, relation: params.relation, to: params.to } as const
        return change(caller, { ...link, strong: body?.strong, revision: expectedRevision(request) }, reply)
      },
    )

    app.delete(
      PATH,
      operation(
        {
          operationId: 'unlinkResources',
          summary: 'End a link',
          description: '`If-Match` names the revision of the resource it starts from.',
          tag: 'resources',
          scope: 'resources:write',
        },
        {
          params: LINK,
          headers: IF_MATCH,
          response: { 200: answers('Ended; the resource it started from.', 'ResourceChanged') },
        },
      ),
      (request, reply) => {
        const { caller, params } = request
        const link = { do: 'unlink', from: params.id, relation: params.relation, to: params.to } as const
        return change(caller, { ...link, revision: expectedRevision(request) }, reply)
      },
    )
  }
