/**
 * The shapes a registry message comes in, opened until context and body are there:
 *
 * - an SNS envelope `{ Type: 'Notification', Message }`, as an SQS queue or an HTTP endpoint gets it;
 * - the base64 text that SNS calls `Message`;
 * - the UWIT envelope `{ header, body }`, version UWIT-1 or UWIT-2;
 * - `{ context, body }`, what UW's client libraries hand to a consumer.
 *
 * Signatures are NOT verified here and nothing is decrypted: who posts the message must be trusted by their key, and an
 * encrypted message is refused.
 */
import { plain, Reader, wrong } from '../reader.js'

export interface Opened {
  readonly context: Reader
  readonly body: Reader
  readonly messageId?: string | undefined
  readonly time?: string | undefined
  /** The SNS topic it came by. */
  readonly topicArn?: string | undefined
}

const SHAPES = 'a UWIT envelope { header, body }, its base64 text, an SNS envelope { Message }, or { context, body }'
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** @throws InvalidInput `invalid_event`, `invalid_json`, `invalid_encoding`, and as Reader.message. */
export function open(message: unknown): Opened {
  if (typeof message === 'string') return openText(message, 'message')
  const outer = Reader.message(message, SHAPES)
  if (outer.has('Message')) return openSns(outer)
  if (outer.has('header')) return openUwit(outer)
  if (outer.has('context')) return { context: json(outer, 'context'), body: json(outer, 'body') }
  if (outer.has('Header')) throw wrong('Header', `${SHAPES}; the older "UW Event" envelope is not read`)
  throw wrong('message', SHAPES)
}

function openSns(outer: Reader): Opened {
  const type = outer.optionalName('Type')
  if (type !== undefined && type !== 'Notification') {
    throw wrong('Type', 'Notification; a SubscriptionConfirmation is answered by visiting its SubscribeURL')
  }
  return { ...openText(outer.text('Message'), 'Message'), topicArn: outer.optionalName('TopicArn') }
}

/** The base64 of the whole envelope. */
function openText(text: string, field: string): Opened {
  const envelope = parsed(decoded(text, field), field)
  const inner = new Reader(envelope, field, 'the base64 of a UWIT envelope { header, body }')
  if (!inner.has('header')) throw wrong(field, 'the base64 of a UWIT envelope { header, body }')
  return openUwit(inner)
}

function openUwit(envelope: Reader): Opened {
  const header = envelope.object('header')
  oneOf(header, 'version', ['UWIT-1', 'UWIT-2'])
  oneOf(header, 'contentType', ['json'])
  oneOf(header, 'sender', ['idregistry'])
  const encrypted = ['keyId', 'iv'].find((name) => header.has(name))
  if (encrypted) throw wrong(header.at(encrypted), 'none: the body is encrypted; decrypt it before it is translated')
  return {
    context: base64Json(header, 'messageContext'),
    body: base64Json(envelope, 'body'),
    messageId: header.optionalName('messageId'),
    time: header.optionalTime('timestamp'),
  }
}

function oneOf(reader: Reader, name: string, values: readonly string[]): void {
  if (!values.includes(reader.name(name))) throw wrong(reader.at(name), values.join(' or '))
}

function base64Json(reader: Reader, name: string): Reader {
  const field = reader.at(name)
  return new Reader(parsed(decoded(reader.text(name, 'base64 of JSON'), field), field), field)
}

/** An object, or its JSON text. */
function json(reader: Reader, name: string): Reader {
  const value = reader.get(name)
  return typeof value === 'string' ? new Reader(parsed(value, name), name) : reader.object(name)
}

function decoded(text: string, field: string): string {
  if (text === '' || !BASE64.test(text)) throw wrong(field, 'base64 (standard alphabet, padded)', 'invalid_encoding')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'))
  } catch {
    throw wrong(field, 'base64 of UTF-8 text; an encrypted body is not read', 'invalid_encoding')
  }
}

function parsed(text: string, field: string): unknown {
  const value = parse(text, field)
  plain({ [field]: value })
  return value
}

function parse(text: string, field: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw wrong(field, 'JSON', 'invalid_json')
  }
}
