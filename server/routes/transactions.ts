/**
 * Transactions: what became of everything that was published under one id, and waiting for it.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type Hub, type Principal, Unavailable } from '../../src/index.js'
import { goneOf } from '../gone.js'
import { answers, operation } from '../operation.js'
import { Query } from '../query.js'

const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 2048 }) })

const WAIT = Query({
  wait: Type.Optional(
    Type.String({
      pattern: '^([1-5]?[0-9]|60)$',
      description:
        'seconds from 0 to 60: it is answered when no processor is unfinished, at the latest then; default 0',
    }),
  ),
})

export const transactionRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    const closing = new AbortController()
    app.addHook('preClose', async () => closing.abort())

    app.get(
      '/v1/transactions/:id',
      operation(
        {
          operationId: 'getTransaction',
          summary: 'What became of a transaction',
          description:
            'With `wait` it is a long poll, which also waits until what hosts committed before is admitted. An id that no event has is not found.',
          tag: 'transactions',
          scope: 'events:read',
        },
        { params: ID, querystring: WAIT, response: { 200: answers('Its events and tasks.', 'Transaction') } },
      ),
      async ({ caller, params, query }, reply) => {
        const signal = AbortSignal.any([goneOf(reply), closing.signal])
        if (query.wait !== undefined) await settled(hub, caller, params.id, Number(query.wait) * 1000, signal)
        return hub.transactions.get(caller, params.id)
      },
    )
  }

/** Also when the time is over: what there is then is told, settled or not. */
async function settled(hub: Hub, as: Principal, id: string, timeout: number, signal: AbortSignal): Promise<void> {
  try {
    await hub.settled(id, { as, timeout, signal })
  } catch (error) {
    if (!signal.aborted && !(error instanceof Unavailable)) throw error
  }
}
