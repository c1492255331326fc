/**
 * The shapes a registry message comes in, opened until context and body are there:
 *
 * - an SNS envelope `{ Type: 'Notification', Message }`, as an SQS queue or an HTTP endpoint gets it;
 * - the base64 text that SNS calls `Message`;
 * - the UWIT envelope `{ header, body }`, version UWIT-1 or UWIT-2;
 * - `{ context, body }`, what UW's client libraries hand to a consumer.
 *
 * Where it is said whom to trust, a message must be signed by one of those, and is decrypted. Otherwise signatures are NOT
 * verified, so who posts the message must be trusted by their key, and an encrypted message is refused.
 */
import { plain, Reader, wrong } from '../reader.js'
import type { Trust } from './keys.js'
import { decrypted, type Envelope, isSigned, VERSIONS, type Version } from './uwit.js'

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
export function open(message: unknown, trust: Trust | null): Opened {
  if (typeof message === 'string') return openText(message, 'message', trust)
  const outer = Reader.message(message, SHAPES)
  if (outer.has('Message')) return openSns(outer, trust)
  if (outer.has('header')) return openUwit(outer, trust)
  if (outer.has('context')) return openBare(outer, trust)
  if (outer.has('Header')) throw wrong('Header', `${SHAPES}; the older "UW Event" envelope is not read`)
  throw wrong('message', SHAPES)
}

function openSns(outer: Reader, trust: Trust | null): Opened {
  const type = outer.optionalName('Type')
  if (type !== undefined && type !== 'Notification') {
    throw wrong('Type', 'Notification; a SubscriptionConfirmation is answered by visiting its SubscribeURL')
  }
  return { ...openText(outer.text('Message'), 'Message', trust), topicArn: outer.optionalName('TopicArn') }
}

function openBare(outer: Reader, trust: Trust | null): Opened {
  if (trust) throw wrong('message', 'a signed UWIT envelope: this instance believes nothing else')
  return { context: json(outer, 'context'), body: json(outer, 'body') }
}

/** The base64 of the whole envelope. */
function openText(text: string, field: string, trust: Trust | null): Opened {
  const envelope = parsed(decoded(text, field), field)
  const inner = new Reader(envelope, field, 'the base64 of a UWIT envelope { header, body }')
  if (!inner.has('header')) throw wrong(field, 'the base64 of a UWIT envelope { header, body }')
  return openUwit(inner, trust)
}

function openUwit(envelope: Reader, trust: Trust | null): Opened {
  const header = envelope.object('header')
  const version = oneOf(header, 'version', VERSIONS)
  oneOf(header, 'contentType', ['json'])
  oneOf(header, 'sender', ['idregistry'])
  if (trust) verify(version, envelope, trust)
  return {
    context: base64Json(header, 'messageContext'),
    body: bodyOf(version, envelope, trust),
    messageId: header.optionalName('messageId'),
    time: header.optionalTime('timestamp'),
  }
}

const SIGNED = [
  ...['version', 'contentType', 'messageContext', 'messageType', 'messageId', 'sender', 'timestamp'],
  ...['signingCertUrl', 'signature'],
]

/** All that is signed must be there, and be text: what is missing would be signed as nothing. */
function textsOf(envelope: Reader): Envelope {
  const header = envelope.object('header')
  const secrecy = isEncrypted(header) ? ['keyId', 'iv'] : []
  return {
    header: Object.fromEntries([...SIGNED, ...secrecy].map((name) => [name, header.text(name)])),
    body: envelope.text('body'),
  }
}

const isEncrypted = (header: Reader): boolean => header.has('keyId') || header.has('iv')

function verify(version: Version, envelope: Reader, { certificates }: Trust): void {
  const header = envelope.object('header')
  const texts = textsOf(envelope)
  const key = certificates.get(texts.header.signingCertUrl ?? '')
  if (!key) throw wrong(header.at('signingCertUrl'), 'the address of a certificate that is believed here')
  if (isSigned(version, texts, key)) return
  throw wrong(header.at('signature'), 'a signature by the key of the certificate, over what was sent')
}

function bodyOf(version: Version, envelope: Reader, trust: Trust | null): Reader {
  const header = envelope.object('header')
  if (!isEncrypted(header)) return base64Json(envelope, 'body')
  if (!trust) throw wrong(header.at('keyId'), 'none: the body is encrypted; decrypt it before it is translated')
  const key = trust.keys.get(header.text('keyId'))
  if (!key) throw wrong(header.at('keyId'), 'the id of a key that is known here')
  const field = envelope.at('body')
  return new Reader(parsed(clear(version, envelope, key), field), field)
}

function clear(version: Version, envelope: Reader, key: Buffer): string {
  try {
    return decrypted(version, textsOf(envelope), key)
  } catch {
    throw wrong(envelope.at('body'), 'what was encrypted with the key that is named', 'invalid_encoding')
  }
}

function oneOf<T extends string>(reader: Reader, name: string, values: readonly T[]): T {
  const given = reader.name(name)
  const value = values.find((each) => each === given)
  if (value === undefined) throw wrong(reader.at(name), values.join(' or '))
  return value
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
