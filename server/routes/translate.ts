/**
 * Another system's messages, through a translator of a profile.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { operation } from '../operation.js'
import { Query, Text } from '../query.js'
import { RESULTS, sendResults } from '../results.js'

export const translateRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/translate/:name',
      operation(
        {
          operationId: 'translateMessage',
          summary: 'Publish another system’s message',
          description: 'A translator reads the message and answers events; each has a result of its own.',
          tag: 'events',
          scope: 'events:publish',
        },
        {
          params: Type.Object({ name: Type.String({ minLength: 1 }) }),
          querystring: Query({ source: Text('Where the message came from, for systems whose messages do not say.') }),
          body: Type.Unknown({ description: 'The message as that system writes it, as JSON.' }),
          response: { 207: RESULTS },
        },
      ),
      async (request, reply) => {
        const { caller, params, query, body } = request
        const results = await hub.translate(params.name, body, { as: caller, source: query.source })
        return sendResults(request, reply, results)
      },
    )
  }
