/**
 * The inbox: what was published inside hosts' own transactions and is no event yet, or cannot be one.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { listOf, PAGE, pageOf, Query, Words } from '../query.js'

const ENTRY = Type.Object({ entry: Type.String({ minLength: 1, description: 'Its name in the inbox, a number.' }) })

const read = (operationId: string, summary: string, description?: string) =>
  ({ operationId, summary, tag: 'inbox', scope: 'events:read', ...(description && { description }) }) as const
const write = (operationId: string, summary: string, description: string) =>
  ({ operationId, summary, description, tag: 'inbox', scope: 'tasks:write' }) as const

export const inboxRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/inbox',
      operation(read('listInbox', 'Entries, oldest first', 'For those who see the whole tenant, as all of it.'), {
        querystring: Query({ state: Words(['pending', 'refused'] as const), ...PAGE }),
        response: { 200: answers('A page.', 'InboxPage') },
      }),
      ({ caller, query }) => hub.inbox.list(caller, { states: listOf(query.state) }, pageOf(query)),
    )

    app.get(
      '/v1/inbox/:entry',
      operation(read('getInboxEntry', 'One entry, with its event'), {
        params: ENTRY,
        response: { 200: answers('The entry.', 'InboxEntry') },
      }),
      ({ caller, params }) => hub.inbox.get(caller, params.entry),
    )

    app.post(
      '/v1/inbox/:entry/retry',
      operation(
        write(
          'retryInboxEntry',
          'A refused entry is tried again',
          'What judges said in the call that wrote it still holds; what came by SQL is judged anew.',
        ),
        { params: ENTRY, response: { 200: answers('The entry.', 'Inbox') } },
      ),
      ({ caller, params }) => hub.inbox.retry(caller, params.entry),
    )

    app.delete(
      '/v1/inbox/:entry',
      operation(
        write('dropInboxEntry', 'Drop an entry', 'It never becomes an event. This is told in the audit trail.'),
        {
          params: ENTRY,
          response: { 204: Type.Null({ description: 'Dropped.' }) },
        },
      ),
      async ({ caller, params }, reply) => {
        await hub.inbox.drop(caller, params.entry)
        return reply.status(204).send(null)
      },
    )
  }
