/**
 * Resources: read, and changed; a change derives its events and answers their receipts.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { etagOf, expectedRevision, sendTagged } from '../etag.js'
import { answers, IF_MATCH, operation } from '../operation.js'
import { OrNull } from '../or-null.js'
import { listOf, PAGE, pageOf, Query, Text, Texts } from '../query.js'

const ID = Type.Object({ id: Type.String({ minLength: 1 }) })

/** As the registry takes them. */
const NAME = { minLength: 1, maxLength: 256 }

const STATE = {
  owner: Type.Optional(OrNull(Type.String({ ...NAME, description: 'The resource that owns it.' }))),
  status: Type.Optional(
    OrNull(Type.String({ minLength: 1, maxLength: 2048, description: 'Such as `active` or `suspended`.' })),
  ),
}

const NEW = Type.Object(
  {
    id: Type.String(NAME),
    type: Type.String({ ...NAME, description: 'Such as `device`, `credential`, `user`.' }),
    ...STATE,
    properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { additionalProperties: false },
)

const PATCH = Type.Object(
  {
    ...STATE,
    properties: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'A JSON Merge Patch (RFC 7396): null removes.' }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
)

export const resourceRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/resources',
      operation(
        { operationId: 'listResources', summary: 'Resources by id', tag: 'resources', scope: 'resources:read' },
        {
          querystring: Query({ type: Texts('Resource types.'), owner: Text('The owner’s id.'), ...PAGE }),
          response: { 200: answers('A page.', 'ResourcePage') },
        },
      ),
      ({ caller, query }) =>
        hub.resources.list(caller, { types: listOf(query.type), owner: query.owner }, pageOf(query)),
    )

    app.get(
      '/v1/resources/:id',
      operation(
        {
          operationId: 'getResource',
          summary: 'One resource with its links',
          tag: 'resources',
          scope: 'resources:read',
        },
        { params: ID, response: { 200: answers('The resource; its ETag is its revision.', 'Resource') } },
      ),
      async (request, reply) => sendTagged(reply, await hub.resources.get(request.caller, request.params.id)),
    )

    app.post(
      '/v1/resources',
      operation(
        { operationId: 'createResource', summary: 'Create a resource', tag: 'resources', scope: 'resources:write' },
        {
          body: NEW,
          response: {
            201: answers('Created.', 'ResourceChanged'),
            202: answers('A processor keeps it back: the receipt says how.', 'ResourceChanged'),
          },
        },
      ),
      async (request, reply) => {
        const changed = await hub.resources.change(request.caller, { do: 'create', ...request.body })
        const { resource } = changed
        if (!resource) return reply.status(202).send(changed)
        reply.headers({ location: locationOf(resource.id), etag: etagOf(resource.revision) })
        return reply.status(201).send(changed)
      },
    )

    app.patch(
      '/v1/resources/:id',
      operation(
        {
          operationId: 'updateResource',
          summary: 'Change a resource',
          description: 'One `changed` event, however many properties. `If-Match` guards against a change meanwhile.',
          tag: 'resources',
          scope: 'resources:write',
        },
        { params: ID, headers: IF_MATCH, body: PATCH, response: { 200: answers('Changed.', 'ResourceChanged') } },
      ),
      async (request, reply) => {
        const change = { do: 'update', id: request.params.id, ...request.body } as const
        const changed = await hub.resources.change(request.caller, { ...change, revision: expectedRevision(request) })
        if (changed.resource) reply.header('etag', etagOf(changed.resource.revision))
        return reply.send(changed)
      },
    )

    app.delete(
      '/v1/resources/:id',
      operation(
        {
          operationId: 'removeResource',
          summary: 'Remove a resource and its links',
          tag: 'resources',
          scope: 'resources:write',
        },
        { params: ID, headers: IF_MATCH, response: { 200: answers('Removed; its last state.', 'ResourceChanged') } },
      ),
      (request) =>
        hub.resources.change(request.caller, {
          do: 'remove',
          id: request.params.id,
          revision: expectedRevision(request),
        }),
    )
  }

const locationOf = (id: string): string => `/v1/resources/${encodeURIComponent(id)}`
