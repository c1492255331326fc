/**
 * Links between resources.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, OptionalBody, operation } from '../operation.js'

const NAME = Type.String({ minLength: 1, maxLength: 2048 })
const LINK = Type.Object({ id: NAME, relation: NAME, to: NAME })
const PATH = '/v1/resources/:id/links/:relation/:to'

export const linkRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.put(
      PATH,
      operation(
        { operationId: 'linkResources', summary: 'Link two resources', tag: 'resources', scope: 'resources:write' },
        {
          params: LINK,
          body: OptionalBody({
            strong: Type.Optional(
              Type.Boolean({ description: 'The resource it leads to cannot be removed while the link holds.' }),
            ),
          }),
          response: { 200: answers('Linked; the resource it starts from.', 'ResourceChanged') },
        },
      ),
      ({ caller, params, body }) => {
        const link = { do: 'link', from: params.id, relation: params.relation, to: params.to } as const
        return hub.resources.change(caller, { ...link, strong: body?.strong })
      },
    )

    app.delete(
      PATH,
      operation(
        { operationId: 'unlinkResources', summary: 'End a link', tag: 'resources', scope: 'resources:write' },
        { params: LINK, response: { 200: answers('Ended; the resource it started from.', 'ResourceChanged') } },
      ),
      ({ caller, params }) =>
        hub.resources.change(caller, { do: 'unlink', from: params.id, relation: params.relation, to: params.to }),
    )
  }
