/**
 * Tenants, for the operators of the instance.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type Hub, MOST_QUOTAS } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { OrNull } from '../or-null.js'
import { PAGE, pageOf, Query } from '../query.js'

const name = Type.String({ minLength: 1, maxLength: 200 })
const openTypes = Type.Boolean({ description: 'Accepts event types that are not in the catalogue.' })

const quotas = {
  weight: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MOST_QUOTAS.weight,
      description: 'Its share of the workers, beside other tenants that have something due. Default 1.',
    }),
  ),
  eventsPerSecond: Type.Optional(
    OrNull(
      Type.Integer({
        minimum: 1,
        maximum: MOST_QUOTAS.eventsPerSecond,
        description:
          'What it may publish, on all nodes together, a second of it at once; more is answered with 429. Null, the default: no limit.',
      }),
    ),
  ),
  unfinishedTasks: Type.Optional(
    OrNull(
      Type.Integer({
        minimum: 1,
        maximum: MOST_QUOTAS.unfinishedTasks,
        description:
          'With so many unfinished tasks it may publish nothing: 429. Counted once a second. Null, the default: no limit.',
      }),
    ),
  ),
}

const NEW = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 200 }), name, openTypes: Type.Optional(openTypes), ...quotas },
  { additionalProperties: false },
)

const PATCH = Type.Object(
  {
    name: Type.Optional(name),
    openTypes: Type.Optional(openTypes),
    ...quotas,
    disabled: Type.Optional(Type.Boolean({ description: 'Its keys stop working.' })),
  },
  { additionalProperties: false, minProperties: 1 },
)

export const tenantRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/tenants',
      operation(
        { operationId: 'createTenant', summary: 'A new tenant', tag: 'tenants', scope: 'tenants:write' },
        { body: NEW, response: { 201: answers('Created.', 'Tenant') } },
      ),
      async ({ caller, body }, reply) => reply.status(201).send(await hub.tenants.create(caller, body)),
    )

    app.get(
      '/v1/tenants',
      operation(
        { operationId: 'listTenants', summary: 'Tenants by id', tag: 'tenants', scope: 'tenants:read' },
        { querystring: Query(PAGE), response: { 200: answers('A page.', 'TenantPage') } },
      ),
      ({ caller, query }) => hub.tenants.list(caller, pageOf(query)),
    )

    app.patch(
      '/v1/tenants/:id',
      operation(
        {
          operationId: 'updateTenant',
          summary: 'Rename, open, limit or disable a tenant',
          tag: 'tenants',
          scope: 'tenants:write',
        },
        {
          params: Type.Object({ id: Type.String({ minLength: 1 }) }),
          body: PATCH,
          response: { 200: answers('The tenant.', 'Tenant') },
        },
      ),
      ({ caller, params, body }) => hub.tenants.update(caller, params.id, body),
    )
  }
