/**
 * The API as the commands speak it.
 */
import type { Agent, Dispatcher } from 'undici'
import { Failure, factsOfProblem } from './failure.js'
import { isRecord } from './table.js'

export interface Endpoint {
  /** `http://127.0.0.1:7300` */
  readonly server: string
  readonly key: string | null
  /** Operators: the tenant to act on. */
  readonly tenant: string | null
}

export interface Call {
  readonly query?: Readonly<Record<string, string | number | readonly string[] | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Sent as it is, as JSON. */
  readonly text?: string
  /** Sent as they are, as JSON lines. */
  readonly lines?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export class Client {
  readonly #endpoint: Endpoint
  #agent: Promise<Agent> | null = null

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
  }

  /** @throws Failure for every answer that is not a success, and when nobody answers. */
  async call(method: Method, path: string, call: Call = {}): Promise<unknown> {
    const answer = await this.open(method, path, call)
    const text = await answer.body.text()
    return text === '' ? null : parsed(text)
  }

  /** The answer with its body still to be read. */
  async open(method: Method, path: string, call: Call = {}): Promise<Dispatcher.ResponseData> {
    const answer = await this.#send(method, path, call)
    if (answer.statusCode < 300) return answer
    throw new Failure(factsOfProblem(parsed(await answer.body.text()), answer.statusCode))
  }

  async #send(method: Method, path: string, call: Call): Promise<Dispatcher.ResponseData> {
    const body = call.lines ?? call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body))
    try {
      this.#agent ??= openAgent()
      return await (await this.#agent).request({
        origin: this.#endpoint.server,
        path: path + queryOf(call.query),
        method,
        headers: {
          ...this.#headers(body !== undefined),
          ...(call.lines && { 'content-type': 'application/x-ndjson' }),
          ...call.headers,
        },
        ...(body !== undefined && { body }),
        ...(call.signal && { signal: call.signal }),
      })
    } catch (error) {
      if (call.signal?.aborted) throw error
      throw this.#nobody(error)
    }
  }

  #headers(withBody: boolean): Record<string, string> {
    const { key, tenant } = this.#endpoint
    return {
      accept: 'application/json',
      ...(withBody && { 'content-type': 'application/json' }),
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(tenant !== null && { 'tocsin-tenant': tenant }),
    }
  }

  #nobody(error: unknown): Failure {
    const reason = isRecord(error) && typeof error.code === 'string' ? error.code : String(error)
    return new Failure({
      code: 'unavailable',
      message: `No Tocsin server answers at ${this.#endpoint.server} (${reason}).`,
      expected: 'a running `tocsin serve`, or --server URL',
    })
  }

  async close(): Promise<void> {
    await (await this.#agent)?.close()
  }
}

/** Read when something is first asked: most of what starts a server is started without. */
async function openAgent(): Promise<Agent> {
  const { Agent } = await import('undici')
  return new Agent({ connections: 16, headersTimeout: 120_000, bodyTimeout: 0 })
}

/** JSON, or null: an answer that is not JSON did not come from Tocsin. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** `?type=a&type=b`, without what was not given. */
export function queryOf(query: Call['query'] = {}): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, String(one)]),
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`
}

/** A path with its parts escaped: `` path`/v1/events/${id}` ``. */
export const path = (parts: TemplateStringsArray, ...values: readonly string[]): string =>
  parts.map((part, index) => part + (index < values.length ? encodeURIComponent(values[index] ?? '') : '')).join('')
