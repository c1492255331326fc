/**
 * Letting events in: CloudEvents over HTTP in every mode.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import {
  type EventInput,
  Fault,
  type Hub,
  InvalidInput,
  isTocsinError,
  type Receipt,
  type TocsinError,
} from '../../src/index.js'
import { readEvents } from '../event-body.js'
import { PUBLISH_BODY } from '../event-schema.js'
import { answers, operation } from '../operation.js'
import { keepBytes, type Parse } from '../parsers.js'
import { Query } from '../query.js'
import { RESULTS, sendResults } from '../results.js'

const MODES = [
  'One event as `application/cloudevents+json`; one with its attributes in `ce-` headers (binary mode);',
  'many as `application/cloudevents-batch+json` or as `application/x-ndjson`.',
  'Plain `application/json` is an event or an array of them; these, and lines, may leave out `specversion`, `id` and `source`.',
].join(' ')

const AFTER = Query({
  after: Type.Optional(
    Type.String({
      pattern: '^-?[0-9]{1,7}$',
      description:
        'a whole number: only judges and asynchronous processors of a higher order run; operators and administrators only',
    }),
  ),
})

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
          { querystring: AFTER, body: PUBLISH_BODY, response: RECEIPTS },
        ),
        // The intake checks events, precisely and once; the schema is for readers.
        validatorCompiler: (part) =>
          part.httpPart !== 'body' && app.validatorCompiler ? app.validatorCompiler(part) : () => true,
      },
      (request, reply) => {
        const after = request.query.after === undefined ? undefined : Number(request.query.after)
        const read = readEvents(request, parse)
        if (!read.batch) return publish(hub, request, reply, read.input, after)
        if (after === undefined) return publishMany(hub, request, reply, read.inputs)
        throw new InvalidInput('invalid_request', 'A batch begins with the first processor.', {
          field: 'after',
          expected: 'a single event',
        })
      },
    )
  }

async function publish(
  hub: Hub,
  request: FastifyRequest,
  reply: FastifyReply,
  input: EventInput,
  after: number | undefined,
) {
  const receipt = await hub.publish(input, { as: request.caller, after })
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
