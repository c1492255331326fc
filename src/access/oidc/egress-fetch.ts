/**
 * The guarded client in the shape that libraries know (`fetch`): the same rules hold for a provider as for every target.
 */
import type { CustomFetch } from 'openid-client'
import type { EgressClient, EgressMethod } from '../egress/client.js'
import { EgressError } from '../egress/egress-error.js'
import type { EgressResponse } from '../egress/exchange.js'

/** Milliseconds; somebody waits at a browser. */
const PATIENCE = 10_000
/** Bytes: keys and descriptions of providers have some 10,000. */
const MOST = 1_048_576

export const fetchBy =
  (egress: Pick<EgressClient, 'send'>): CustomFetch =>
  async (url, { method, headers, body, signal }) => {
    const answer = await egress.send({
      ...{ url, headers, method: method as EgressMethod, timeout: PATIENCE, maxResponse: MOST },
      ...(body !== undefined && body !== null && { body: String(body) }),
      ...(signal && { signal }),
    })
    if (answer.truncated) throw new EgressError('protocol', 'the answer is too long')
    return new Response(answer.body === '' ? null : answer.body, { status: answer.status, headers: headersOf(answer) })
  }

const headersOf = ({ headers }: EgressResponse): Headers =>
  new Headers(
    Object.entries(headers).flatMap(([name, value]) =>
      [value].flat().flatMap((each): [string, string][] => (each === undefined ? [] : [[name, each]])),
    ),
  )
