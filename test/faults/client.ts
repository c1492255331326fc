/**
 * A client of the server's REST interface, and the ledger of what it was promised.
 */
import type { Instance, Server } from './instance.js'

export interface Answer {
  readonly status: number
  readonly json: Readonly<Record<string, unknown>>
}

export interface Api {
  call(method: string, path: string, body?: unknown): Promise<Answer>
}

/** @throws TypeError (of `fetch`) when the connection breaks. */
export const apiOf = ({ url }: Pick<Server, 'url'>, { key }: Pick<Instance, 'key'>): Api => ({
  async call(method, path, body) {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': contentType(method) }),
    }
    const response = await fetch(url + path, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, json: text === '' ? {} : (JSON.parse(text) as Answer['json']) }
  },
})

const contentType = (method: string): string =>
  method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'

export interface EventToPublish {
  readonly id: string
  readonly subject: string
  /** Makes the event bigger. */
  readonly note?: string
}

export const publish = (api: Api, { id, subject, note }: EventToPublish): Promise<Answer> =>
  api.call('POST', '/v1/events', {
    type: 'user.updated',
    source: '/faults',
    id,
    subject,
    data: note === undefined ? {} : { note },
  })

/** @throws when it is refused. */
export async function subscribe(api: Api, url: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const { status, json } = await api.call('POST', '/v1/subscriptions', {
    name: url,
    types: ['user.*'],
    transport: 'webhook',
    target: { url },
    scope: 'tenant',
    ...more,
  })
  if (status !== 201) throw new Error(`The subscription was refused: ${JSON.stringify(json)}`)
  return String(json.id)
}

export interface Promised {
  /** Ids that were answered 2xx, in the order of the answers. */
  readonly ids: readonly string[]
  /** Of these, answered 200: an earlier try had been kept without anybody being told. */
  readonly again: number
}

/** Publishes for one subject after the other answer, and knows what was promised. */
export class PublishingClient {
  readonly #ids: string[] = []
  readonly #next: number[]
  #again = 0

  constructor(subjects: number) {
    this.#next = Array.from({ length: subjects }, () => 1)
  }

  get promised(): Promised {
    return { ids: this.#ids, again: this.#again }
  }

  /** All subjects at once, each in its own order, until the connection breaks or `go` says no. */
  async publish(api: Api, go: () => boolean): Promise<void> {
    await Promise.all(this.#next.map((_, subject) => this.#publishOne(api, subject, go)))
  }

  /** What was not answered is sent again under its id: it must come about once (P7). */
  async #publishOne(api: Api, subject: number, go: () => boolean): Promise<void> {
    while (go()) {
      const id = `s${subject}.${this.#next[subject]}`
      const answer = await publish(api, { id, subject: `s${subject}` }).catch(() => null)
      if (answer === null || answer.status === 503) return
      if (answer.status !== 200 && answer.status !== 202) throw new Error(`${id}: ${JSON.stringify(answer)}`)
      if (answer.status === 200) this.#again += 1
      this.#ids.push(id)
      this.#next[subject] = (this.#next[subject] ?? 1) + 1
    }
  }
}
