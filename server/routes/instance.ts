/**
 * How the instance is: for load balancers, scrapers and operators.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { parse } from 'yaml'
import { ERROR_CODES, type Hub, NotFound, printConfig } from '../../src/index.js'
import { answers, operation } from '../operation.js'

const State = Type.Object({ status: Type.String() })

const open = (operationId: string, summary: string) =>
  ({ operationId, summary, tag: 'instance', scope: 'open' }) as const
const guarded = (operationId: string, summary: string) =>
  ({ operationId, summary, tag: 'instance', scope: 'metrics:read' }) as const

/** Probes and scrapers may add what they like: nobody is taken for dead over that. */
const ANY_QUERY = { querystring: Type.Object({}, { additionalProperties: true }) }

const TEXT = {
  description: 'Prometheus text.',
  content: { 'text/plain': { schema: { type: 'string' } } },
}

export const instanceRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/healthz',
      operation(open('isAlive', 'The process runs'), { ...ANY_QUERY, response: { 200: State } }),
      async () => ({
        status: 'ok',
      }),
    )

    app.get(
      '/readyz',
      operation(open('isReady', 'Events can be accepted'), { ...ANY_QUERY, response: { 200: State, 503: State } }),
      async (_request, reply) => {
        const ready = (await hub.health()).status === 'ok'
        return reply.status(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable' })
      },
    )

    app.get(
      '/v1/health',
      operation(guarded('getHealth', 'How the instance is, in detail'), {
        response: { 200: answers('The health.', 'Health') },
      }),
      () => hub.health(),
    )

    app.get(
      '/v1/config',
      operation(guarded('getConfig', 'The settings in force on this node'), {
        response: { 200: answers('Secrets are masked.', 'Config') },
      }),
      async () => ({ config: parse(printConfig(hub.config)) as object }),
    )

    app.get(
      '/v1/nodes',
      operation(guarded('listNodes', 'The nodes that share the database'), {
        response: { 200: answers('All of them, on one page.', 'NodePage') },
      }),
      async ({ caller }) => ({ items: await hub.nodes(caller), next: null }),
    )

    app.get(
      '/v1/partitions',
      operation(guarded('listPartitions', 'How a PostgreSQL database lies in partitions'), {
        response: { 200: answers('All of them, on one page; none on SQLite.', 'PartitionPage') },
      }),
      async ({ caller }) => ({ items: await hub.partitions(caller), next: null }),
    )

    app.get(
      '/metrics',
      operation(guarded('getMetrics', 'Metrics of the whole instance'), { ...ANY_QUERY, response: { 200: TEXT } }),
      async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await hub.metrics()),
    )

    app.get(
      '/problems/:code',
      operation(open('getProblem', 'What an error code means'), {
        params: Type.Object({ code: Type.String({ minLength: 1 }) }),
        response: { 200: answers('The problem type.', 'ProblemType') },
      }),
      async ({ params: { code } }) => problemTypeOf(code),
    )
  }

function problemTypeOf(code: string) {
  const known = Object.entries(ERROR_CODES).find(([name]) => name === code)
  if (!known) throw new NotFound('error code', code)
  return { type: `/problems/${code}`, code, ...known[1] }
}
