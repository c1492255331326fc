/**
 * From an event to the mails it makes: who is told, in which language, in which words.
 */
import { hash } from 'node:crypto'
import type { AnyEvent } from '../../event/envelope.js'
import { compileExpression, compileTemplate, run, type Template, textOf, textsOf } from '../template.js'
import type { DataCheck, OutgoingMessage } from '../transport.js'
import { eachOnce, onTheWire, personOf } from './address.js'
import { mailboxOf, type SmtpTarget, type Words } from './target.js'

/** One mail to one person, as nodemailer takes it. */
export interface Mail {
  readonly messageId: string
  readonly date: Date
  readonly from: { readonly name: string; readonly address: string }
  readonly to: { readonly name: string; readonly address: string }
  readonly replyTo?: string
  readonly subject: string
  readonly text: string
  readonly html?: string
  readonly headers: Readonly<Record<string, string>>
}

export interface Mails {
  /** Each once, however often and in whichever case of the domain they are named. @throws TemplateFailed */
  recipients(message: OutgoingMessage): readonly string[]
  /** What is said of it, whoever is told. @throws TemplateFailed */
  write(message: OutgoingMessage): Written
  /** Of several it has a section for each. */
  mail(recipient: string, about: readonly Written[]): Mail
}

/** A message in the words of its mail. */
export interface Written {
  readonly message: OutgoingMessage
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/** @throws InvalidInput `invalid_request` with the field, for an expression or a template that is wrong. */
export function mailsOf(target: SmtpTarget, reads?: DataCheck): Mails {
  const whom = recipientsOf(target, reads)
  const words = wordsOf(target, reads)
  const { name, address } = mailboxOf(target.from)
  const from = { name, address: onTheWire(address) }
  return {
    recipients: (message) => eachOnce(whom(message)),
    write(message) {
      const { event, body } = message
      const { subject, text, html } = words(message)
      return {
        message,
        subject: oneLine(subject?.render(message) ?? `${event.type} ${event.subject ?? ''}`),
        text: text?.render(message) ?? body,
        ...(html !== undefined && { html: html.render(message, escapeHtml) }),
      }
    },
    mail(recipient, about) {
      const messages = about.map(({ message }) => message)
      return {
        messageId: messageIdOfAll(messages, recipient, from.address),
        date: new Date(Math.max(...messages.map(({ time }) => time))),
        from,
        to: { name: '', address: onTheWire(recipient) },
        ...(target.replyTo !== undefined && { replyTo: onTheWire(target.replyTo) }),
        ...inSections(about),
        // RFC 3834: no vacation notice comes back.
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Tocsin-Message': messages.map(({ id }) => id).join(', ') },
      }
    },
  }
}

/** How many there are stands before the subject of the first. */
function inSections(about: readonly Written[]): Pick<Mail, 'subject' | 'text' | 'html'> {
  const [first] = about
  if (first === undefined) throw new TypeError('A mail is about something.')
  const { subject, text, html } = first
  if (about.length === 1) return { subject, text, ...(html !== undefined && { html }) }
  const sections = about.flatMap((each) =>
    each.html === undefined ? [] : [`<h2>${escapeHtml(each.subject)}</h2>\n${each.html}`],
  )
  return {
    subject: `[${about.length}] ${subject}`,
    text: about.map((each) => `${each.subject}\n\n${each.text}`).join(`\n\n${'-'.repeat(40)}\n\n`),
    // Whoever reads HTML would miss those that have none.
    ...(sections.length === about.length && { html: sections.join('\n<hr>\n') }),
  }
}

/**
 * The same for each attempt, each replay and each subscription that tells this person of this event, so that mail
 * servers which drop repeats drop these.
 */
export function messageIdOf({ tenant = '', source, id }: AnyEvent, recipient: string, sender: string): string {
  return named([tenant, source, id, personOf(recipient)], sender)
}

/** The same for the same events, in whatever attempt. */
function messageIdOfAll(messages: readonly OutgoingMessage[], recipient: string, sender: string): string {
  const [first, ...others] = messages.map(({ event }) => messageIdOf(event, recipient, sender))
  if (first === undefined) throw new TypeError('A mail is about something.')
  return others.length === 0 ? first : named([first, ...others], sender)
}

const named = (what: readonly string[], sender: string): string =>
  `<${hash('sha256', JSON.stringify(what), 'base64url').slice(0, 32)}@${sender.slice(sender.lastIndexOf('@') + 1)}>`

function recipientsOf({ to }: SmtpTarget, reads?: DataCheck): (message: OutgoingMessage) => readonly string[] {
  if (typeof to === 'string') return () => [to]
  if (!('cel' in to)) return () => to
  const expression = compileExpression(to.cel, '.to.cel', reads)
  return (message) => textsOf(run(expression, message))
}

type CompiledWords = { readonly [Part in keyof Words]: Template }

function wordsOf(target: SmtpTarget, reads?: DataCheck): (message: OutgoingMessage) => CompiledWords {
  const standard = compiled(target, '', reads)
  const { language, languages = {} } = target
  if (language === undefined) return () => standard
  const own = new Map(
    Object.entries(languages).map(([tag, words]) => [tag.toLowerCase(), compiled(words, `.languages.${tag}`, reads)]),
  )
  const others = new Map([...own.keys()].map((tag) => [tag, wordsIn(tag, own, standard)]))
  const chosen = compileExpression(language, '.language', reads)
  return (message) => inLanguage(textOf(run(chosen, message)).toLowerCase(), others) ?? standard
}

/** What `pt-br` lacks is that of `pt`, and what that lacks the standard one; but no HTML is read instead of a text of its own. */
function wordsIn(tag: string, own: ReadonlyMap<string, CompiledWords>, standard: CompiledWords): CompiledWords {
  const end = tag.lastIndexOf('-')
  const { html, ...wider } = end < 0 ? standard : wordsIn(tag.slice(0, end), own, standard)
  const words = own.get(tag) ?? {}
  return { ...wider, ...(html !== undefined && words.text === undefined && { html }), ...words }
}

/** RFC 4647, section 3.4: `pt-br`, then `pt`. */
function inLanguage(tag: string, others: ReadonlyMap<string, CompiledWords>): CompiledWords | undefined {
  const end = tag.lastIndexOf('-')
  return others.get(tag) ?? (end < 0 ? undefined : inLanguage(tag.slice(0, end), others))
}

function compiled({ subject, text, html }: Words, field: string, reads?: DataCheck): CompiledWords {
  return {
    ...(subject !== undefined && { subject: compileTemplate(subject, `${field}.subject`, reads) }),
    ...(text !== undefined && { text: compileTemplate(text, `${field}.text`, reads) }),
    ...(html !== undefined && { html: compileTemplate(html, `${field}.html`, reads) }),
  }
}

/**
 * A subject must not read as another one: marks that override or embed a direction go, and what looks like an encoded word (RFC
 * 2047, section 2), which readers would decode, is broken by a space without width.
 */
const oneLine = (text: string): string =>
  text
    .replaceAll('=?', '=\u200b?')
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export const escapeHtml = (value: string): string => value.replace(/[&<>"']/g, (character) => HTML[character] ?? '')
