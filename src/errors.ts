/**
 * Every error Tocsin raises on purpose: a stable code, a class and data.
 * Problem types (RFC 9457), CLI texts and the table in docs/reference/errors.md are made from this file.
 * Wrong *usage* of the library by a programmer is a plain `TypeError`, not one of these.
 */

/** The stable codes, with the HTTP status and the title each is told with. */
export const ERROR_CODES = {
  // what was sent cannot be read
  malformed_request: { status: 400, title: 'What was sent is no HTTP request' },
  headers_too_large: { status: 431, title: 'The header fields are too large' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  invalid_encoding: { status: 400, title: 'The text is not valid UTF-8' },
  forbidden_key: { status: 400, title: 'The object uses a forbidden key' },
  too_deep: { status: 400, title: 'The value is nested too deeply' },
  too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  // it can be read, but it is not right
  invalid_event: { status: 422, title: 'The event is not valid' },
  unknown_type: { status: 422, title: 'The event type is not in the catalogue' },
  invalid_data: { status: 422, title: 'The data does not fit the event type' },
  invalid_request: { status: 422, title: 'The request is not valid' },
  invalid_filter: { status: 422, title: 'The filter is not valid' },
  invalid_config: { status: 422, title: 'The configuration is not valid' },
  invalid_cursor: { status: 422, title: 'The page cursor is not valid' },
  target_refused: { status: 422, title: 'The target may not be reached' },
  // who asks
  unauthenticated: { status: 401, title: 'A valid key is needed' },
  forbidden: { status: 403, title: 'This key may not do that' },
  not_found: { status: 404, title: 'There is no such object' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  // what is already there
  conflict: { status: 409, title: 'The object was changed meanwhile' },
  duplicate_mismatch: { status: 409, title: 'The same event id was already used with other content' },
  already_exists: { status: 409, title: 'The object already exists' },
  precondition_failed: { status: 412, title: 'The revision given is not the present one' },
  wrong_state: { status: 409, title: 'The object is not in a state that allows this' },
  lease_lost: { status: 409, title: 'The lease is no longer held' },
  // a judge said no
  rejected: { status: 422, title: 'A processor rejected the event' },
  processor_failed: { status: 500, title: 'A processor failed' },
  processor_timeout: { status: 504, title: 'A processor did not answer in time' },
  processor_unreachable: { status: 502, title: 'A processor could not be reached' },
  processor_answer: { status: 502, title: 'A processor answered what is not understood' },
  // code from outside
  module_not_found: { status: 422, title: 'There is no such module' },
  module_broken: { status: 422, title: 'The module cannot be loaded' },
  module_unfit: { status: 422, title: 'The module exports nothing that fits' },
  plugin_failed: { status: 500, title: 'The code of a plug-in failed' },
  plugin_crashed: { status: 502, title: 'The process of an isolated plug-in ended' },
  plugin_timeout: { status: 504, title: 'An isolated plug-in did not answer in time' },
  // limits and faults
  quota_exceeded: { status: 429, title: 'Too much at once' },
  unavailable: { status: 503, title: 'The service cannot accept this now' },
  seal_broken: { status: 500, title: 'A sealed secret cannot be opened' },
  internal: { status: 500, title: 'Something went wrong inside Tocsin' },
} as const satisfies Record<string, { status: number; title: string }>

export type ErrorCode = keyof typeof ERROR_CODES

export interface ErrorDetail {
  /** The field that is wrong, as a path such as `events[3].data.userId`. */
  field?: string
  /** What would be right, in words. */
  expected?: string
  /** Facts a program can use; never a secret. */
  data?: Readonly<Record<string, unknown>>
  /** Seconds after which trying again makes sense. */
  retryAfter?: number
  cause?: unknown
}

/** The base class; `instanceof` one of the subclasses below, or `code`, tells what happened. */
export class TocsinError extends Error {
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly expected: string | undefined
  readonly data: Readonly<Record<string, unknown>>
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = new.target.name
    this.code = code
    this.field = detail.field
    this.expected = detail.expected
    this.data = detail.data ?? {}
    this.retryAfter = detail.retryAfter
  }

  get status(): number {
    return ERROR_CODES[this.code].status
  }
}

/** What was sent is wrong and will stay wrong: 400, 408, 413, 415, 422, 431. */
export class InvalidInput extends TocsinError {}
/** 401 and 403. */
export class AccessDenied extends TocsinError {}
/** 404: missing, or another tenant's; the two are told alike. */
export class NotFound extends TocsinError {
  /** @param expected what there is instead, in words. */
  constructor(what: string, id: string, expected?: string) {
    const detail = { data: { what, id }, ...(expected !== undefined && { expected }) }
    super('not_found', `There is no ${what} ${JSON.stringify(id)}.`, detail)
  }
}
/** 409, 412: what is there now does not allow it. */
export class Conflict extends TocsinError {}
/** A judge answered `reject`; `data.texts` carries the locale texts. */
export class Rejected extends TocsinError {}
/** A processor threw or missed its deadline under the error policy `reject`. */
export class ProcessorFailed extends TocsinError {}
/** Code from outside cannot be loaded, or failed where it was isolated; `data.entry` names who asked for it. */
export class PluginFailed extends TocsinError {}
/** 429 and 503: nothing was accepted; the same call may succeed later. */
export class Unavailable extends TocsinError {}
/** A fault of ours, or a sealed secret that cannot be opened. */
export class Fault extends TocsinError {}

export const isTocsinError = (error: unknown): error is TocsinError => error instanceof TocsinError

/** The message of anything that was thrown, also of what throws when it is asked. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error)
  } catch {
    return 'What was thrown cannot be told.'
  }
}
