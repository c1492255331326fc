/**
 * Revisions as entity tags (RFC 9110, sections 8.8.3 and 13.1): `"3"` is revision 3.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Conflict, InvalidInput } from '../src/index.js'

const TAG = /^"([0-9]{1,15})"$/

export const etagOf = (revision: number): string => `"${revision}"`

/**
 * The revision that `If-Match` names; undefined without the header or with `*`.
 * @throws Conflict `precondition_failed` for a weak tag, which never matches, InvalidInput for anything else.
 */
export function expectedRevision(request: FastifyRequest): number | undefined {
  const header = request.headers['if-match']
  if (header === undefined || header === '*') return undefined
  const revision = TAG.exec(header)?.[1]
  if (revision !== undefined) return Number(revision)
  if (header.startsWith('W/'))
    throw new Conflict('precondition_failed', 'A weak tag never matches.', { field: 'if-match' })
  throw new InvalidInput('invalid_request', 'This is not an entity tag of ours.', {
    field: 'if-match',
    expected: 'the ETag of the object as it was read, such as "3"',
  })
}

/**
 * Sends the object with its tag. Never 304: the revision counts what was changed of the object itself, and it also shows
 * links that others begin and end, that it was removed, how far it has read.
 */
export const sendTagged = <T extends { readonly revision: number }>(reply: FastifyReply, body: T) =>
  reply.header('etag', etagOf(body.revision)).send(body)
