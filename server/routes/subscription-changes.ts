/**
 * What only a resource that is a subscription can undergo.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { expectedRevision } from '../etag.js'
import { answers, IF_MATCH, operation } from '../operation.js'

const ID = Type.Object({ id: Type.String({ minLength: 1 }) })
const Name = Type.String({ minLength: 1, maxLength: 256 })
const Moment = Type.String({ format: 'date-time' })

const DOMAIN = Type.Object(
  {
    domain: Name,
    childId: Type.Optional(
      Type.String({ minLength: 1, maxLength: 256, description: 'The subscription of the domain.' }),
    ),
  },
  { additionalProperties: false },
)

const LIMITS = Type.Object(
  {
    limits: Type.Record(Type.String(), Type.Unknown(), {
      minProperties: 1,
      description: 'A JSON Merge Patch (RFC 7396) of `properties.limits`.',
    }),
  },
  { additionalProperties: false },
)

const RENEWAL = Type.Object(
  {
    period: Type.Integer({ minimum: 1 }),
    periodType: Type.String({ minLength: 1, maxLength: 256, description: 'The unit of the period, such as `month`.' }),
    startDate: Type.Optional(Moment),
    expirationDate: Type.Optional(Moment),
  },
  { additionalProperties: false },
)

const write = (operationId: string, summary: string) =>
  ({ operationId, summary, tag: 'resources', scope: 'resources:write' }) as const

export const subscriptionChangeRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/resources/:id/domains',
      operation(write('bindToDomain', 'Bind a subscription to a domain'), {
        ...{ params: ID, headers: IF_MATCH, body: DOMAIN },
        response: { 200: answers('Told to whoever wants to know.', 'ResourceChanged') },
      }),
      (request) => {
        const { id } = request.params
        const revision = expectedRevision(request)
        return hub.resources.change(request.caller, { do: 'bind-to-domain', id, ...request.body, revision })
      },
    )

    app.patch(
      '/v1/resources/:id/limits',
      operation(write('changeLimits', 'Change the limits of a subscription'), {
        ...{ params: ID, headers: IF_MATCH, body: LIMITS },
        response: { 200: answers('Changed.', 'ResourceChanged') },
      }),
      (request) => {
        const { id } = request.params
        const revision = expectedRevision(request)
        return hub.resources.change(request.caller, { do: 'change-limits', id, ...request.body, revision })
      },
    )

    app.post(
      '/v1/resources/:id/renewals',
      operation(write('renewSubscription', 'Tell that the renewal of a subscription begins'), {
        ...{ params: ID, headers: IF_MATCH, body: RENEWAL },
        response: { 200: answers('Told to whoever wants to know.', 'ResourceChanged') },
      }),
      (request) => {
        const { id } = request.params
        const revision = expectedRevision(request)
        return hub.resources.change(request.caller, { do: 'renew', id, ...request.body, revision })
      },
    )
  }
