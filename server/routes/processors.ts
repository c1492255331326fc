/**
 * Processors: what runs on events, and its settings at run time.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { OrNull } from '../or-null.js'
import { Query } from '../query.js'

const TYPE = Type.String({ minLength: 1, maxLength: 2048 })

/** A merge patch: null goes back to what the code says. */
const SETTING = Type.Object(
  {
    enabled: Type.Optional(OrNull(Type.Boolean())),
    order: Type.Optional(
      OrNull(Type.Integer({ minimum: -1_000_000, maximum: 1_000_000, description: 'Its place; ascending.' })),
    ),
    types: Type.Optional(OrNull(Type.Array(TYPE, { maxItems: 1000, description: 'The event types it runs on.' }))),
    options: Type.Optional(OrNull(Type.Record(Type.String(), Type.Unknown(), { description: 'Laid over its own.' }))),
  },
  { additionalProperties: false, minProperties: 1 },
)

export const processorRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/processors',
      operation(
        {
          operationId: 'listProcessors',
          summary: 'Processors in the order they run',
          tag: 'processors',
          scope: 'processors:read',
        },
        { querystring: Query({}), response: { 200: answers('All of them, on one page.', 'ProcessorPage') } },
      ),
      async ({ caller }) => ({ items: await hub.processors.list(caller), next: null }),
    )

    app.patch(
      '/v1/processors/:name',
      operation(
        {
          operationId: 'configureProcessor',
          summary: 'Enable, disable, move or set a processor',
          tag: 'processors',
          scope: 'processors:write',
        },
        {
          params: Type.Object({ name: Type.String({ minLength: 1 }) }),
          body: SETTING,
          response: { 200: answers('The processor.', 'Processor') },
        },
      ),
      ({ caller, params, body }) => hub.processors.configure(caller, params.name, body),
    )
  }
