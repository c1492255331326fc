/**
 * What an e-mail target holds: the server and how to speak to it, who sends, who is told, and in which words.
 */
import { CA, CERT, checkTls, HOST, KEY, portOf, type TlsFields } from '../peer.js'
import { badTarget, type Target, targetReader } from '../target.js'
import type { TargetSchema } from '../transport.js'
import { MAILBOX, needsUtf8 } from './address.js'

export interface Words {
  readonly subject?: string
  readonly text?: string
  readonly html?: string
}

export interface Dkim {
  readonly domain: string
  readonly selector: string
  readonly privateKey: string
}

export interface SmtpTarget extends Words, TlsFields {
  readonly host: string
  readonly port?: number
  /** Default `starttls`. */
  readonly encryption?: 'starttls' | 'tls' | 'none'
  readonly user?: string
  readonly password?: string
  readonly from: string
  readonly replyTo?: string
  readonly bounces?: string
  readonly to: string | readonly string[] | { readonly cel: string }
  readonly language?: string
  readonly languages?: Readonly<Record<string, Words>>
  readonly dkim?: Dkim
}

const SENDER = `^(${MAILBOX}|[^\\p{Cc}<>"]{1,200} <${MAILBOX}>)$`

const address = (title: string, description: string) =>
  ({ type: 'string', maxLength: 320, pattern: `^${MAILBOX}$`, title, description }) as const

const sender = (title: string, description: string) =>
  ({ type: 'string', maxLength: 600, pattern: SENDER, title, description }) as const

const template = (title: string, description: string) =>
  ({ type: 'string', minLength: 1, maxLength: 65_536, title, description }) as const

const WORDS = {
  subject: {
    ...template('Subject', 'With CEL in it: Card {{ data.serialNumber }}. Default: the type and the subject.'),
    maxLength: 1024,
  },
  text: template('Text', 'Of the mail, with CEL in it. Default: the event, as its format writes it.'),
  html: template('HTML', 'Of the mail, beside the text; values are escaped.'),
} as const

export const SMTP_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'from', 'to'],
  properties: {
    host: HOST,
    port: portOf(587, 'Default: 587; 465 with tls.'),
    encryption: {
      enum: ['starttls', 'tls', 'none'],
      default: 'starttls',
      title: 'Encryption',
      description: 'starttls, tls from the first byte, or none (networks the operator opened only). Default: starttls.',
    },
    ca: CA,
    cert: CERT,
    key: KEY,
    user: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      title: 'User',
      description: 'Whoever logs in at the server.',
    },
    password: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      writeOnly: true,
      title: 'Password',
      description: 'Of that user. Never shown again.',
    },
    from: sender('From', 'Who sends: an address, or Name <address>.'),
    replyTo: address('Reply to', 'Where answers go.'),
    bounces: address('Bounces', 'Where mail servers report what they cannot deliver. Default: the address of from.'),
    to: {
      title: 'To',
      description:
        'Who is told: an address, a list of them, or { cel } that yields either. Each gets a mail of their own.',
      anyOf: [
        address('Address', 'One person.'),
        { type: 'array', minItems: 1, maxItems: 100, uniqueItems: true, items: address('Address', 'One person.') },
        {
          type: 'object',
          additionalProperties: false,
          required: ['cel'],
          properties: { cel: { type: 'string', minLength: 1, maxLength: 4096 } },
        },
      ],
    },
    ...WORDS,
    language: {
      type: 'string',
      minLength: 1,
      maxLength: 4096,
      title: 'Language',
      description: 'CEL that yields the language of this mail, such as data.language; one of languages, or nothing.',
    },
    languages: {
      type: 'object',
      maxProperties: 50,
      // RFC 5646, as far as anybody writes one.
      propertyNames: { pattern: '^[a-z]{2,3}(-[0-9A-Za-z]{2,8})*$' },
      additionalProperties: { type: 'object', additionalProperties: false, minProperties: 1, properties: WORDS },
      title: 'Languages',
      description:
        'subject, text and html in other languages, by tag: cs, pt-BR. pt-BR takes what it lacks from pt, then the standard one.',
    },
    dkim: {
      type: 'object',
      additionalProperties: false,
      required: ['domain', 'selector', 'privateKey'],
      title: 'DKIM',
      description: 'Signs each mail (RFC 6376).',
      properties: {
        domain: { type: 'string', pattern: '^[0-9A-Za-z.-]{1,253}$', title: 'Domain', description: 'Who signs.' },
        selector: {
          type: 'string',
          pattern: '^[0-9A-Za-z._-]{1,63}$',
          title: 'Selector',
          description: 'Under which the public key is found.',
        },
        privateKey: {
          type: 'string',
          maxLength: 65_536,
          writeOnly: true,
          pattern: '-----BEGIN [A-Z ]*PRIVATE KEY-----',
          title: 'Private key',
          description: 'RSA or Ed25519, in PEM. Never shown again.',
        },
      },
    },
  },
}

const read = targetReader<SmtpTarget>(SMTP_TARGET)

/** @throws InvalidInput `invalid_request` with the field. */
export function readSmtpTarget(given: Target): SmtpTarget {
  const target = read(given)
  checkTls(target, target.encryption !== 'none', 'the encryption tls or starttls')
  const { user, password, replyTo, language, languages } = target
  if (user !== undefined && password === undefined) throw missing('.password', 'the password of the user')
  if (password !== undefined && user === undefined) throw missing('.user', 'the user whose password it is')
  if (language !== undefined && languages === undefined) throw missing('.languages', 'the texts in those languages')
  if (languages !== undefined && language === undefined) throw missing('.language', 'an expression that chooses one')
  // It stands in the header alone, which is beyond ASCII only where an address of the envelope is.
  if (replyTo !== undefined && needsUtf8(replyTo))
    throw badTarget('.replyTo', 'Not every mail server takes it.', 'an address in ASCII before the @')
  refuseDoubled(Object.keys(languages ?? {}))
  return target
}

/** Tags have no case (RFC 5646, section 2.1.1). */
function refuseDoubled(tags: readonly string[]): void {
  const lower = tags.map((tag) => tag.toLowerCase())
  const doubled = tags.find((_, index) => lower.indexOf(lower[index] ?? '') !== index)
  if (doubled === undefined) return
  throw badTarget(`.languages.${doubled}`, 'The language is given twice.', 'each language once, whatever its case')
}

const missing = (field: string, expected: string) => badTarget(field, 'A field of the target is missing.', expected)

/** `Name <address>` in its parts. */
export function mailboxOf(text: string): { readonly name: string; readonly address: string } {
  const [, name = '', inside] = /^(.*) <(.+)>$/u.exec(text) ?? []
  return { name, address: inside ?? text }
}
