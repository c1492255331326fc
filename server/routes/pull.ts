/**
 * Pull consumers: lease, settle, release.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, OptionalBody, operation } from '../operation.js'

const ID = Type.Object({ id: Type.String({ minLength: 1 }) })
const LEASES = Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), { minItems: 1, maxItems: 1000 })

const write = (operationId: string, summary: string) =>
  ({ operationId, summary, tag: 'subscriptions', scope: 'tasks:write' }) as const

export const pullRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/subscriptions/:id/lease',
      operation(write('leaseTasks', 'Take what is due, for a while'), {
        params: ID,
        body: OptionalBody({
          limit: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 1000, description: 'at most this many, 1 to 1000' }),
          ),
          seconds: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 43_200, description: 'for so long, 1 to 43200 seconds' }),
          ),
        }),
        response: { 200: answers('What was taken.', 'Leases') },
      }),
      async ({ caller, params, body }) => ({ leases: await hub.tasks.lease(caller, params.id, body ?? {}) }),
    )

    app.post(
      '/v1/subscriptions/:id/settle',
      operation(write('settleLeases', 'It is done'), {
        params: ID,
        body: Type.Object({ leases: LEASES }, { additionalProperties: false }),
        response: { 200: answers('What was settled, and which leases were no longer held.', 'Settled') },
      }),
      ({ caller, params, body }) => hub.tasks.settle(caller, params.id, body.leases),
    )

    app.post(
      '/v1/subscriptions/:id/release',
      operation(write('releaseLeases', 'Not now: give it back'), {
        params: ID,
        body: Type.Object(
          {
            leases: LEASES,
            after: Type.Optional(
              Type.Integer({
                minimum: 0,
                maximum: 2_592_000_000,
                description: 'milliseconds until it may be leased again',
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: { 200: answers('What was released, and which leases were no longer held.', 'Released') },
      }),
      ({ caller, params, body }) => hub.tasks.release(caller, params.id, body.leases, body.after),
    )
  }
