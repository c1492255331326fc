/**
 * The switches of the instance: whether asynchronous processors are worked off, and when.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'

const PATCH = Type.Object(
  {
    asynchronous: Type.Optional(
      Type.Boolean({ description: 'False: the publisher waits for asynchronous processors too.' }),
    ),
    stopped: Type.Optional(
      Type.Boolean({ description: 'True: events are accepted, their asynchronous processors wait.' }),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
)

export const processingRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/processing',
      operation(
        {
          operationId: 'getProcessing',
          summary: 'The switches of asynchronous processing',
          tag: 'processors',
          scope: 'processors:read',
        },
        { response: { 200: answers('The switches.', 'Processing') } },
      ),
      ({ caller }) => hub.processing.get(caller),
    )

    app.patch(
      '/v1/processing',
      operation(
        {
          operationId: 'setProcessing',
          summary: 'Stop and start asynchronous processing, or do it in place',
          description: 'Holds at once in this process, and within a second in others.',
          tag: 'processors',
          scope: 'processors:write',
        },
        { body: PATCH, response: { 200: answers('The switches.', 'Processing') } },
      ),
      ({ caller, body }) => hub.processing.set(caller, body),
    )
  }
