/**
 * The publisher's side of the REST API: kept-alive connections and a bearer key.
 */
import { Pool } from 'undici'

export interface Api {
  /** @returns the answer's JSON. @throws Error with the problem's own words for anything but 2xx. */
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>
  /** The same server, with another key. */
  as(key: string): Api
  close(): Promise<void>
}

export function connect(url: string, key: string, pool = new Pool(url, { connections: 64 })): Api {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  return {
    async call(method, path, body) {
      const payload = body === undefined ? {} : { headers, body: JSON.stringify(body) }
      const answer = await pool.request({ method, path, headers: { authorization: headers.authorization }, ...payload })
      const text = await answer.body.text()
      if (answer.statusCode > 299) throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`)
      return JSON.parse(text || 'null')
    },
    as: (other) => connect(url, other, pool),
    close: () => pool.close(),
  }
}
