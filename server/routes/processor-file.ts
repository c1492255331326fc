/**
 * The settings of all processors as one file: written out, compared, laid over what is set.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { Flag, flagOf, Query } from '../query.js'

const PRUNE = Flag('What the file does not name goes back to configuration and code.')

/** The hub says which part of it is wrong. */
const FILE = Type.Unknown({
  description: '`{ processors: { NAME: { enabled?, order?, types?, options? } } }`, as it is written out.',
})

export const processorFileRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/processors/file',
      operation(
        {
          operationId: 'exportProcessors',
          summary: 'What was set at run time, as a file',
          tag: 'processors',
          scope: 'processors:read',
        },
        { response: { 200: answers('The file; secrets are masked.', 'ProcessorFile') } },
      ),
      async ({ caller }) => hub.processors.export(caller),
    )

    app.post(
      '/v1/processors/file/diff',
      operation(
        {
          operationId: 'diffProcessors',
          summary: 'What a file would change',
          tag: 'processors',
          scope: 'processors:read',
        },
        {
          querystring: Query({ prune: PRUNE }),
          body: FILE,
          response: { 200: answers('The changes.', 'ProcessorChanges') },
        },
      ),
      async ({ caller, query, body }) => ({
        changes: await hub.processors.diff(caller, body, { prune: flagOf(query.prune) }),
      }),
    )

    app.put(
      '/v1/processors/file',
      operation(
        {
          operationId: 'applyProcessors',
          summary: 'Lay a file over what is set',
          description: 'All of it, or nothing when any of it is wrong. A secret that is masked stays what it is.',
          tag: 'processors',
          scope: 'processors:write',
        },
        {
          querystring: Query({ prune: PRUNE, dryRun: Flag('Only tell.') }),
          body: FILE,
          response: { 200: answers('The changes.', 'ProcessorChanges') },
        },
      ),
      async ({ caller, query, body }) => {
        const options = { prune: flagOf(query.prune), dryRun: flagOf(query.dryRun) }
        return { changes: await hub.processors.apply(caller, body, options) }
      },
    )
  }
