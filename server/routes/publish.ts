/**
 * Letting events in: CloudEvents over HTTP in every mode.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type EventInput, Fault, type Hub, isTocsinError, type Receipt, type TocsinError } from '../../src/index.js'
import { readEvents } from '../event-body.js'
import { PUBLISH_BODY } from '../event-schema.js'
import { answers, operation } from '../operation.js'
import { keepBytes, type Parse } from '../parsers.js'
import { RESULTS, sendResults } from '../results.js'

const MODES = [
  'One event as `application/cloudevents+json`; one with its attributes in `ce-` headers (binary mode);',
  'many as `application/cloudevents-batch+json` or as `application/x-ndjson`.',
  'Plain `application/json` is an event or an array of them; these, and lines, may leave out `specversion`, `id` and `source`.',
].join(' ')

const RECEIPTS = {
  200: answers('It was already here; nothing was done again. The receipt shows its present state.', 'Receipt'),
  202: answers('It is kept, and everyone who must know will be told.', 'Receipt'),
  207: RESULTS,
}

export const publishRoutes =
  (hub: Hub, parse: Parse): FastifyPluginAsyncTypebox =>
  async (app) => {
    keepBytes(app)

    app.post(
      '/v1/events',
      {
        ...operation(
          {
            operationId: 'publishEvents',
            summary: 'Publish one event or a batch',
            description: MODES,
            tag: 'events',
            scope: 'events:publish',
          },
          { body: PUBLISH_BODY, response: RECEIPTS },
        ),
        // The intake checks events, precisely and once; the schema is for readers.
        validatorCompiler: () => () => true,
      },
      (request, reply) => {
        const read = readEvents(request, parse)
        return read.batch ? publishMany(hub, request, reply, read.inputs) : publish(hub, request, reply, read.input)
      },
    )
  }

async function publish(hub: Hub, request: FastifyRequest, reply: FastifyReply, input: EventInput) {
  const receipt = await hub.publish(input, { as: request.caller })
  return reply.status(receipt.duplicate ? 200 : 202).send(receipt)
}

/** What could not be read keeps its place among the results. */
async function publishMany(
  hub: Hub,
  request: FastifyRequest,
  reply: FastifyReply,
  inputs: readonly (EventInput | TocsinError)[],
) {
  const results = await hub.publishMany(inputs.filter(isInput), { as: request.caller })
  const next = results.values()
  return sendResults(
    request,
    reply,
    inputs.map((input) => (isInput(input) ? resultFrom(next) : input)),
  )
}

const isInput = (input: EventInput | TocsinError): input is EventInput => !isTocsinError(input)

const resultFrom = (results: Iterator<Receipt | TocsinError>): Receipt | TocsinError =>
  results.next().value ?? new Fault('internal', 'An event of the batch has no result.')
