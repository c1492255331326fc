/**
 * What the HTTP parser refuses, before there is a request: told as the same problem as everything else.
 */
import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { type Hub, InvalidInput, type TocsinError } from '../src/index.js'
import { KEEP_NOWHERE, PROBLEM_TYPE, problemOf } from './problem.js'

/** The connection ends with the answer: nobody knows where the next request would begin. */
export const answerUnreadable =
  (hub: Hub) =>
  (error: Error & { readonly code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const refused = refusalOf(error.code)
    const requestId = randomUUID()
    hub.log.info({ requestId, status: refused.status, code: refused.code, cause: error.code }, 'unreadable request')
    if (!socket.writable) return void socket.destroy()
    socket.end(answerOf(refused, requestId), () => socket.destroy())
  }

function refusalOf(cause: string | undefined): TocsinError {
  if (cause === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new InvalidInput('request_timeout', 'The request did not arrive in time.', {
      expected: 'a whole request within a minute',
    })
  if (cause === 'HPE_HEADER_OVERFLOW')
    return new InvalidInput('headers_too_large', 'The request line and the header fields are too large.', {
      expected: 'less than 16 KiB',
    })
  return new InvalidInput('malformed_request', 'What was sent is no request in HTTP/1.1.', {
    ...(cause?.startsWith('HPE_') === true && { data: { reason: cause.slice('HPE_'.length).toLowerCase() } }),
  })
}

function answerOf(refused: TocsinError, requestId: string): string {
  const body = JSON.stringify(problemOf(refused, requestId))
  const fields = {
    connection: 'close',
    ...KEEP_NOWHERE,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
  }
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${refused.status} ${STATUS_CODES[refused.status]}\r\n${head.join('')}\r\n${body}`
}

/** RFC 9112, section 3.2. Node itself would answer without a word. */
export async function requireHost({ headers, raw }: FastifyRequest): Promise<void> {
  if (headers.host !== undefined || raw.httpVersion === '1.0') return
  throw new InvalidInput('malformed_request', 'The request names no host.', { field: 'host' })
}
