/**
 * Thrown by a processor that succeeded and has something to say, such as that a slow system took the order.
 */

/** Its row is `executed` with this code; the processors after it run. */
export class Accepted extends Error {
  readonly code: string

  constructor(message = 'Accepted.', code = 'accepted') {
    super(message)
    this.name = 'Accepted'
    this.code = code
  }
}
