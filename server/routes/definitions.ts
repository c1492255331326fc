/**
 * Types, processors and subscriptions as one file: written out, compared, applied.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { Flag, flagOf, Query } from '../query.js'

const PRUNE = Flag('What a section of the file does not name goes; sections it does not have are left alone.')

/** The hub says which part of it is wrong. */
const FILE = Type.Unknown({
  description: '`{ types?, resourceTypes?, processors?, subscriptions? }`, each by name or id, as it is written out.',
})

export const definitionRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/definitions',
      operation(
        {
          operationId: 'exportDefinitions',
          summary: 'Types, processors and subscriptions, as a file',
          description: 'The sections that the key may read; types that the code defines are not among them.',
          tag: 'definitions',
          scope: 'subscriptions:read',
        },
        { response: { 200: answers('The file, without secrets.', 'Definitions') } },
      ),
      ({ caller }) => hub.definitions.export(caller),
    )

    app.post(
      '/v1/definitions/diff',
      operation(
        {
          operationId: 'diffDefinitions',
          summary: 'What a file would change',
          tag: 'definitions',
          scope: 'subscriptions:write',
        },
        {
          querystring: Query({ prune: PRUNE }),
          body: FILE,
          response: { 200: answers('The changes.', 'DefinitionChanges') },
        },
      ),
      ({ caller, query, body }) => hub.definitions.diff(caller, body, { prune: flagOf(query.prune) }),
    )

    app.put(
      '/v1/definitions',
      operation(
        {
          operationId: 'applyDefinitions',
          summary: 'Make it as a file says',
          description:
            'All of it, or nothing when any of it is wrong. Secrets that the file does not say stay. Types and processors are changed by operators, subscriptions by who governs the tenant.',
          tag: 'definitions',
          scope: 'subscriptions:write',
        },
        {
          querystring: Query({ prune: PRUNE, dryRun: Flag('Only tell.') }),
          body: FILE,
          response: { 200: answers('The changes.', 'DefinitionChanges') },
        },
      ),
      ({ caller, query, body }) =>
        hub.definitions.apply(caller, body, { prune: flagOf(query.prune), dryRun: flagOf(query.dryRun) }),
    )
  }
