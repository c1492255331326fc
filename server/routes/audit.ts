/**
 * The audit trail.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { PAGE, pageOf, Query } from '../query.js'

export const auditRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/audit',
      operation(
        { operationId: 'listAudit', summary: 'Who changed what, newest first', tag: 'audit', scope: 'audit:read' },
        { querystring: Query(PAGE), response: { 200: answers('A page.', 'AuditPage') } },
      ),
      ({ caller, query }) => hub.audit.list(caller, pageOf(query)),
    )
  }
