/**
 * Many resources at once: a body of JSON lines, read as it comes.
 */
import type { IncomingMessage } from 'node:http'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type Hub, Unavailable } from '../../src/index.js'
import { goneOf } from '../gone.js'
import { answers, operation } from '../operation.js'
import { Flag, flagOf, Query, Sequence, Text } from '../query.js'

const LINES_BODY = {
  content: { 'application/x-ndjson': { schema: Type.Unknown({ description: 'One resource a line.' }) } },
}

const OPTIONS = Query({
  import: Text('Names the import, so that it can go on later: 1 to 64 letters, digits or any of _ . -'),
  after: Sequence('The body begins after this line. Absent: with line 1, and what is done already is passed over.'),
  more: Flag('More comes in another request: links to what is not there yet go on waiting.'),
  strict: Flag('Stop before the first line that is wrong.'),
  dryRun: Flag('Only tell what would come of it.'),
  events: Flag('Each line is a change: judged, and told to subscribers. Default false: nobody is told.'),
})

const LINES = [
  'A body of JSON lines: `{"id", "type", "owner"?, "status"?, "properties"?, "links"?: [{"relation", "to", "strong"?}]}`, each the',
  'whole state of a resource and links that begin at it; what they lead to may come further down. Good lines are taken, bad',
  'ones told. Of several requests each goes on after the line that the one before it answered. Operators and admins only.',
].join(' ')

export const importRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request: FastifyRequest, body: IncomingMessage, done) => done(null, body))

    const closing = new AbortController()
    app.addHook('preClose', async () =>
      closing.abort(new Unavailable('unavailable', 'Tocsin is shutting down.', { retryAfter: 5 })),
    )

    app.post(
      '/v1/imports',
      {
        ...operation(
          {
            operationId: 'importResources',
            summary: 'Import resources',
            description: LINES,
            tag: 'resources',
            scope: 'resources:write',
          },
          {
            querystring: OPTIONS,
            body: LINES_BODY,
            response: { 200: answers('How far it is, and which lines were wrong.', 'Import') },
          },
        ),
        bodyLimit: Number.MAX_SAFE_INTEGER,
      },
      ({ caller, query, raw }, reply) =>
        hub.imports.run(caller, raw.iterator({ destroyOnReturn: false }), {
          id: query.import,
          after: query.after === undefined ? undefined : Number(query.after),
          more: flagOf(query.more),
          strict: flagOf(query.strict),
          dryRun: flagOf(query.dryRun),
          events: flagOf(query.events),
          signal: AbortSignal.any([goneOf(reply), closing.signal]),
        }),
    )

    app.get(
      '/v1/imports/:id',
      operation(
        {
          operationId: 'getImport',
          summary: 'How far an import is',
          tag: 'resources',
          scope: 'resources:write',
        },
        {
          params: Type.Object({ id: Type.String({ minLength: 1 }) }),
          response: { 200: answers('The import.', 'Import') },
        },
      ),
      ({ caller, params }) => hub.imports.get(caller, params.id),
    )
  }
