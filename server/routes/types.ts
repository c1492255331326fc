/**
 * What there is to choose from: event types, and ways out.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'

export const typeRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/types',
      operation(
        { operationId: 'listTypes', summary: 'Every event type', tag: 'types', scope: 'types:read' },
        { response: { 200: answers('All of them, on one page.', 'EventTypePage') } },
      ),
      async ({ caller }) => ({ items: hub.types.list(caller), next: null }),
    )

    app.get(
      '/v1/types/:name',
      operation(
        { operationId: 'getType', summary: 'One event type with its schema', tag: 'types', scope: 'types:read' },
        {
          params: Type.Object({ name: Type.String({ minLength: 1 }) }),
          response: { 200: answers('The type.', 'EventType') },
        },
      ),
      async ({ caller, params }) => hub.types.get(caller, params.name),
    )

    app.get(
      '/v1/resource-types',
      operation(
        { operationId: 'listResourceTypes', summary: 'Every type of resources', tag: 'types', scope: 'types:read' },
        { response: { 200: answers('All of them, on one page.', 'ResourceTypePage') } },
      ),
      async ({ caller }) => ({ items: hub.resourceTypes.list(caller), next: null }),
    )

    app.get(
      '/v1/resource-types/:name',
      operation(
        {
          operationId: 'getResourceType',
          summary: 'One type of resources with the schema of their properties',
          tag: 'types',
          scope: 'types:read',
        },
        {
          params: Type.Object({ name: Type.String({ minLength: 1 }) }),
          response: { 200: answers('The type.', 'ResourceType') },
        },
      ),
      async ({ caller, params }) => hub.resourceTypes.get(caller, params.name),
    )

    app.get(
      '/v1/transports',
      operation(
        {
          operationId: 'listTransports',
          summary: 'Every way out, and what it asks for',
          tag: 'types',
          scope: 'types:read',
        },
        { response: { 200: answers('All of them, on one page.', 'TransportPage') } },
      ),
      async () => ({ items: hub.transports, next: null }),
    )
  }
