/**
 * Registrations: classes that another system's configuration names for its events.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { Flag, flagOf, Query, Text } from '../query.js'

const REGISTRATION = Type.Object(
  {
    class: Type.String({ minLength: 1, maxLength: 1024, description: 'The class, as that system’s file names it.' }),
    event: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 256,
        description: 'The event, as that system names it; absent: every one.',
      }),
    ),
    data: Type.Optional(
      Type.String({ maxLength: 65_536, description: 'Handed to the instance when it is made. Kept sealed.' }),
    ),
  },
  { additionalProperties: false },
)

const BODY = Type.Object(
  {
    registrations: Type.Array(REGISTRATION, { maxItems: 1000, description: 'In the order in which they are called.' }),
  },
  { additionalProperties: false },
)

export const registrationRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/registrations',
      operation(
        {
          operationId: 'listRegistrations',
          summary: 'Classes registered for events, in their order',
          tag: 'processors',
          scope: 'processors:read',
        },
        {
          querystring: Query({ system: Text('Only of this one, such as `fim-cm`.') }),
          response: { 200: answers('All of them, on one page.', 'RegistrationPage') },
        },
      ),
      async ({ caller, query }) => ({ items: hub.registrations.list(caller, query.system), next: null }),
    )

    app.put(
      '/v1/registrations/:system',
      operation(
        {
          operationId: 'replaceRegistrations',
          summary: 'Register classes in place of all that were',
          description:
            'All of them or, when one is wrong, none. Who stays registered keeps its instance. Holds at once, and within a second in other nodes.',
          tag: 'processors',
          scope: 'processors:write',
        },
        {
          params: Type.Object({ system: Type.String({ minLength: 1 }) }),
          querystring: Query({ dryRun: Flag('Only tell what would become of them.') }),
          body: BODY,
          response: { 200: answers('What became of each.', 'RegistrationPage') },
        },
      ),
      async ({ caller, params, query, body }) => ({
        items: await hub.registrations.replace(caller, params.system, body.registrations, {
          dryRun: flagOf(query.dryRun),
        }),
        next: null,
      }),
    )
  }
