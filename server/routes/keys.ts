/**
 * Keys: who may call.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type Hub, KEY_KINDS, ROLES, SCOPES } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { OrNull } from '../or-null.js'
import { PAGE, pageOf, Query } from '../query.js'

const NEW = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    roles: Type.Array(Type.Enum([...ROLES]), { minItems: 1, description: `some of ${ROLES.join(', ')}` }),
    scopes: Type.Optional(Type.Array(Type.Enum([...SCOPES]), { description: 'Narrows what the roles allow.' })),
    resource: Type.Optional(
      OrNull(Type.String({ description: 'The one resource it speaks for; a subscriber needs one.' })),
    ),
    tenant: Type.Optional(Type.String({ description: 'Another tenant than one’s own; for operators.' })),
    expiresAt: Type.Optional(OrNull(Type.String({ description: 'RFC 3339, in the future.' }))),
    kind: Type.Optional(
      Type.Enum([...KEY_KINDS], {
        description: `One of ${KEY_KINDS.join(', ')}: what it is shown by. Default bearer.`,
      }),
    ),
    certificate: Type.Optional(
      Type.String({ description: 'Of the kind certificate: that of the TLS client, in PEM. The key ends with it.' }),
    ),
  },
  { additionalProperties: false },
)

export const keyRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/keys',
      operation(
        { operationId: 'createKey', summary: 'A new key, shown this once', tag: 'keys', scope: 'keys:write' },
        { body: NEW, response: { 201: answers('Created.', 'KeyCreated') } },
      ),
      async ({ caller, body }, reply) => reply.status(201).send(await hub.keys.create(caller, body)),
    )

    app.get(
      '/v1/keys',
      operation(
        { operationId: 'listKeys', summary: 'Keys, without their secrets', tag: 'keys', scope: 'keys:read' },
        { querystring: Query(PAGE), response: { 200: answers('A page.', 'KeyPage') } },
      ),
      ({ caller, query }) => hub.keys.list(caller, pageOf(query)),
    )

    app.delete(
      '/v1/keys/:id',
      operation(
        { operationId: 'revokeKey', summary: 'Revoke a key', tag: 'keys', scope: 'keys:write' },
        {
          params: Type.Object({ id: Type.String({ minLength: 1 }) }),
          response: { 204: Type.Null({ description: 'Revoked.' }) },
        },
      ),
      async ({ caller, params }, reply) => {
        await hub.keys.revoke(caller, params.id)
        return reply.status(204).send(null)
      },
    )
  }
