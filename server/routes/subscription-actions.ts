/**
 * What is done with a subscription: test, pause, resume, new secret, replay, explain.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type Hub, SubscriptionInput } from '../../src/index.js'
import { answers, OptionalBody, operation } from '../operation.js'
import { Query, Text } from '../query.js'

const ID = Type.Object({ id: Type.String({ minLength: 1 }) })

const Point = (description: string) =>
  Type.Union([Type.Integer({ minimum: 0 }), Type.String({ minLength: 1, maxLength: 40 })], { description })

const REPLAY = Type.Object(
  {
    from: Type.Optional(
      Point('The first: `earliest`, a sequence as a number or digits, or a time (RFC 3339). Default `earliest`.'),
    ),
    to: Type.Optional(Point('The last: `now`, a sequence or a time. Default `now`.')),
    types: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 100 })),
    filters: Type.Optional(
      Type.Array(Type.Object({}, { additionalProperties: true }), {
        description: 'Only what these let pass too: the dialects of a subscription’s filters.',
      }),
    ),
    dryRun: Type.Optional(Type.Boolean({ description: 'Only count.' })),
    limit: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: 'Looks at about so many events of the log; `next` says where to go on.',
      }),
    ),
  },
  { additionalProperties: false },
)

const SEEK = Type.Object(
  {
    to: Point('Where it goes on: `earliest`, `now`, a time (RFC 3339) or a sequence, both inclusive.'),
  },
  { additionalProperties: false },
)

const { types, source, relation, filters, notSelf, redaction, sees, scope } = SubscriptionInput.properties

const PREVIEW = Type.Object(
  {
    ...{ types, source, relation, filters, notSelf, redaction, sees, scope },
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 100, description: 'how many events, 1 to 100, default 50' }),
    ),
  },
  { additionalProperties: false, description: 'Who wants which events, as in SubscriptionInput.' },
)

const write = (operationId: string, summary: string) =>
  ({ operationId, summary, tag: 'subscriptions', scope: 'subscriptions:write' }) as const

export const subscriptionActionRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/subscriptions/preview',
      operation(
        {
          operationId: 'previewSubscription',
          summary: 'What a subscription like this would have heard of the latest events',
          description: 'Nothing is kept and nobody is told.',
          tag: 'subscriptions',
          scope: 'subscriptions:write',
        },
        { body: PREVIEW, response: { 200: answers('Newest first, each with every decision.', 'Preview') } },
      ),
      async ({ caller, body: { limit = 50, ...wish } }) => ({
        items: await hub.subscriptions.preview(caller, { ...wish, name: 'preview', transport: 'pull' }, limit),
      }),
    )

    app.post(
      '/v1/subscriptions/:id/test',
      operation(write('testSubscription', 'Send a test event by the real path, and wait for the outcome'), {
        params: ID,
        response: { 200: answers('The attempt.', 'Attempt') },
      }),
      ({ caller, params }) => hub.subscriptions.test(caller, params.id),
    )

    app.post(
      '/v1/subscriptions/:id/pause',
      operation(write('pauseSubscription', 'Hold what is to be sent'), {
        params: ID,
        response: { 200: answers('The subscription.', 'Subscription') },
      }),
      ({ caller, params }) => hub.subscriptions.pause(caller, params.id),
    )

    app.post(
      '/v1/subscriptions/:id/resume',
      operation(write('resumeSubscription', 'Go on where it was paused or disabled'), {
        params: ID,
        response: { 200: answers('The subscription.', 'Subscription') },
      }),
      ({ caller, params }) => hub.subscriptions.resume(caller, params.id),
    )

    app.post(
      '/v1/subscriptions/:id/rotate-secret',
      operation(write('rotateSecret', 'A new signing secret, shown this once'), {
        params: ID,
        body: OptionalBody({
          overlap: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 2_592_000_000,
              description: 'Milliseconds the old one also signs; default a day.',
            }),
          ),
        }),
        response: { 200: answers('The secret.', 'Secret') },
      }),
      ({ caller, params, body }) => hub.subscriptions.rotateSecret(caller, params.id, body?.overlap),
    )

    app.post(
      '/v1/subscriptions/:id/replay',
      operation(write('replaySubscription', 'Tell it again what it saw, marked as a replay'), {
        params: ID,
        body: REPLAY,
        response: { 200: answers('How many events.', 'PartCount') },
      }),
      ({ caller, params, body: { dryRun, limit, ...range } }) =>
        hub.replay(caller, params.id, range, { dryRun, limit }),
    )

    app.post(
      '/v1/subscriptions/:id/seek',
      operation(write('seekSubscription', 'Go on from another place; of one that reads the log'), {
        params: ID,
        body: SEEK,
        response: { 200: answers('The subscription.', 'Subscription') },
      }),
      ({ caller, params, body }) => hub.subscriptions.seek(caller, params.id, body.to),
    )

    app.get(
      '/v1/subscriptions/:id/explain',
      operation(
        {
          operationId: 'explainSubscription',
          summary: 'Why this subscription hears of an event, or does not',
          tag: 'subscriptions',
          scope: 'subscriptions:read',
        },
        {
          params: ID,
          querystring: Query({
            event: Type.String({ minLength: 1, maxLength: 2048, description: 'The event’s id.' }),
            source: Text('Its source, where several used the same id.'),
          }),
          response: { 200: answers('Each decision, in order.', 'Explanation') },
        },
      ),
      ({ caller, params, query }) => hub.explain(caller, query.event, params.id, query.source),
    )
  }
