/**
 * Publishing and reading events.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { EventState, Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { exactTypes, listOf, PAGE, pageOf, Query, Text, Texts, timeOf, Words } from '../query.js'

const ID = Type.Object({ id: Type.String({ minLength: 1 }) })
const SOURCE = Query({ source: Text('The source, where several used the same id.') })

const STATES = ['admitted', 'addressed', 'closed', 'suspended', 'refused'] as const satisfies readonly EventState[]

const FILTER = Query({
  type: Texts('Event types.'),
  subject: Text('The resource it is about.'),
  source: Text('The system it happened in.'),
  state: Words(STATES),
  transaction: Text('The transaction id.'),
  parent: Text('The id of the parent event.'),
  root: Text('The id of the root event.'),
  from: Text('Received at or after this time, RFC 3339.'),
  till: Text('Received before this time, RFC 3339.'),
  ...PAGE,
})

export const eventRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/events',
      operation(
        { operationId: 'listEvents', summary: 'Events, newest first', tag: 'events', scope: 'events:read' },
        { querystring: FILTER, response: { 200: answers('A page.', 'EventPage') } },
      ),
      ({ caller, query }) =>
        hub.events.list(
          caller,
          {
            types: exactTypes('type', query.type),
            subject: query.subject,
            source: query.source,
            states: listOf(query.state),
            transactionId: query.transaction,
            parentId: query.parent,
            rootId: query.root,
            from: timeOf('from', query.from),
            till: timeOf('till', query.till),
          },
          pageOf(query),
        ),
    )

    app.get(
      '/v1/events/:id',
      operation(
        { operationId: 'getEvent', summary: 'One event, by its publisher’s id', tag: 'events', scope: 'events:read' },
        { params: ID, querystring: SOURCE, response: { 200: answers('The event.', 'Event') } },
      ),
      ({ caller, params, query }) => hub.events.get(caller, params.id, query.source),
    )

    app.get(
      '/v1/events/:id/timeline',
      operation(
        {
          operationId: 'getTimeline',
          summary: 'What happened to an event: processors, tasks, attempts',
          tag: 'events',
          scope: 'events:read',
        },
        { params: ID, querystring: SOURCE, response: { 200: answers('The timeline.', 'Timeline') } },
      ),
      ({ caller, params, query }) => hub.events.timeline(caller, params.id, query.source),
    )

    app.get(
      '/v1/events/:id/tree',
      operation(
        {
          operationId: 'getTree',
          summary: 'An event and what came of it, each below its parent',
          tag: 'events',
          scope: 'events:read',
        },
        { params: ID, querystring: SOURCE, response: { 200: answers('The tree.', 'EventTree') } },
      ),
      ({ caller, params, query }) => hub.events.tree(caller, params.id, query.source),
    )

    app.post(
      '/v1/events/:id/resume',
      operation(
        { operationId: 'resumeEvent', summary: 'A suspended event goes on', tag: 'events', scope: 'events:publish' },
        { params: ID, querystring: SOURCE, response: { 200: answers('The receipt.', 'Receipt') } },
      ),
      ({ caller, params, query }) => hub.events.resume(caller, params.id, query.source),
    )
  }
