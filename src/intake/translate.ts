/**
 * A translator reads another system's message and answers events: `POST /v1/translate/{name}`, `tocsin publish --as NAME`.
 */
import type { EventInput } from '../event/envelope.js'

export interface TranslationContext {
  /** Where the message came from, for systems whose messages do not say: a URI reference. */
  readonly source: string
  /** Milliseconds; for systems whose messages carry no time. */
  readonly receivedAt: number
}

export interface Translator {
  /** `activid-cms`, `fim-cm`, `uw-registry`, `aps`, `czechidm`. */
  readonly name: string
  readonly title: string
  /**
   * Pure. The same message gives the same ids where the system's message allows it.
   * @throws InvalidInput with the field and what would be right.
   */
  translate(message: unknown, context: TranslationContext): readonly EventInput[]
}
