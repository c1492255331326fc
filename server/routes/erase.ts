/**
 * Erasing what is told of a person.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'

const BODY = Type.Object(
  {
    subject: Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'Whose: the subject or super owner of events.',
    }),
    dryRun: Type.Optional(Type.Boolean({ description: 'Only count.' })),
    compact: Type.Optional(
      Type.Boolean({
        description: 'Default true: a SQLite file is rewritten, so that no free page holds it; writing waits.',
      }),
    ),
  },
  { additionalProperties: false },
)

export const eraseRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/erase',
      operation(
        {
          operationId: 'eraseSubject',
          summary: 'Erase what is told of a person',
          description:
            'Events, attempts, results of processors and the properties of its resource are blanked; unfinished deliveries end. Ids, hashes and an audit row stay. Backups are not touched.',
          tag: 'events',
          scope: 'events:erase',
        },
        { body: BODY, response: { 200: answers('What was, or would be, erased.', 'Erased') } },
      ),
      ({ caller, body: { subject, ...options } }) => hub.erase(caller, subject, options),
    )
  }
