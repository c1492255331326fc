/**
 * The answer to a batch: a status of its own for each event (RFC 4918, section 13, gave the code 207 its meaning).
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isTocsinError, type Receipt, type TocsinError } from '../src/index.js'
import { answers } from './operation.js'
import { problemOf } from './problem.js'

export const RESULTS = answers('Each event has a result of its own, in the order given.', 'BatchResult')

export const sendResults = (
  request: FastifyRequest,
  reply: FastifyReply,
  results: readonly (Receipt | TocsinError)[],
) => reply.status(207).send({ results: results.map((result) => resultOf(result, request.id)) })

const resultOf = (result: Receipt | TocsinError, requestId: string) =>
  isTocsinError(result)
    ? { status: result.status, problem: problemOf(result, requestId) }
    : { status: result.duplicate ? 200 : 202, receipt: result }
