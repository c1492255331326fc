/**
 * What the attempt log keeps of a delivery: what was sent, and where the time went. It is made only for attempts that are
 * recorded, so that one that succeeds costs nothing.
 */
import { createHash } from 'node:crypto'
import type { WireMessage } from '../formats/format.js'
import type { Phases, SentRequest } from '../store/rows.js'
import type { SubscriptionSpec } from '../subscriptions/subscription.js'
import type { SentNotes } from './transport.js'

export class AttemptNotes {
  readonly #began = performance.now()
  #tell: () => SentNotes = () => ({})

  /** The last to speak is heard. */
  take(tell: () => SentNotes): void {
    this.#tell = tell
  }

  read(spec: SubscriptionSpec, { body }: WireMessage): { readonly request: SentRequest; readonly timing: Phases } {
    const {
      request,
      body: sent = body,
      timing = { send: Math.round((performance.now() - this.#began) * 10) / 10 },
    } = this.#tell()
    const bytes = Buffer.byteLength(sent)
    const digest = createHash('sha256').update(sent).digest('base64url')
    return { request: { target: placeOf(spec), ...request, bytes, digest }, timing }
  }
}

/** Where a target leads, by the fields that transports name places with; its secrets are kept apart and not among them. */
export function placeOf({ transport, target }: SubscriptionSpec): string {
  const { url, host, port, path, file, handler } = target
  if (typeof url === 'string') return withoutQuery(url)
  if (typeof host === 'string') return `${transport}://${host}${port === undefined ? '' : `:${port}`}`
  const place = [path, file, handler].find((each) => typeof each === 'string')
  return place === undefined ? transport : `${transport}:${place}`
}

/** A query may hold a token: its names stay. Who would write a user and a password into a URL is refused before. */
export function withoutQuery(url: string): string {
  if (!URL.canParse(url)) return '***'
  const parsed = new URL(url)
  const names = [...parsed.searchParams.keys()].map((name) => `${encodeURIComponent(name)}=***`)
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}${names.length > 0 ? `?${names.join('&')}` : ''}`
}
