/**
 * Only the data, as JSON: for receivers that know from the address what happened. No data is `null`, bytes are a base64
 * string.
 */
import { base64 } from './cloudevents.js'
import type { Format } from './format.js'

export const dataFormat: Format = {
  name: 'data',
  title: 'The data alone, as JSON',
  encode: ({ data }) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(data instanceof Uint8Array ? base64(data) : (data ?? null)),
  }),
}
