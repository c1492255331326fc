/**
 * From an event to the mails it makes: who is told, in which language, in which words.
 */
import { hash } from 'node:crypto'
import type { AnyEvent } from '../../event/envelope.js'
import { compileExpression, compileTemplate, run, type Template, textOf, textsOf } from '../template.js'
import type { DataCheck, OutgoingMessage } from '../transport.js'
import { ADDRESS, mailboxOf, type SmtpTarget, type Words } from './target.js'

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
  /** @throws TemplateFailed */
  to(recipient: string, message: OutgoingMessage): Mail
}

export const isAddress = (text: string): boolean => text.length <= 320 && ADDRESS.test(text)

/** @throws InvalidInput `invalid_request` with the field, for an expression or a template that is wrong. */
export function mailsOf(target: SmtpTarget, reads?: DataCheck): Mails {
  const whom = recipientsOf(target, reads)
  const words = wordsOf(target, reads)
  const from = mailboxOf(target.from)
  return {
    recipients: (message) => eachOnce(whom(message)),
    to(recipient, message) {
      const { event, time, body, id } = message
      const { subject, text, html } = words(message)
      return {
        messageId: messageIdOf(event, recipient, from.address),
        date: new Date(time),
        from,
        to: { name: '', address: recipient },
        ...(target.replyTo !== undefined && { replyTo: target.replyTo }),
        subject: oneLine(subject?.render(message) ?? `${event.type} ${event.subject ?? ''}`),
        text: text?.render(message) ?? body,
        ...(html !== undefined && { html: html.render(message, escapeHtml) }),
        // RFC 3834: no vacation notice comes back.
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Tocsin-Message': id },
      }
    },
  }
}

const eachOnce = (addresses: readonly string[]): readonly string[] =>
  addresses.filter((each, at) => addresses.findIndex((other) => personOf(other) === personOf(each)) === at)

/** Whom an address means: domains have no case, local parts are left alone (RFC 5321, section 2.4). */
export function personOf(address: string): string {
  const at = address.lastIndexOf('@')
  return address.slice(0, at) + address.slice(at).toLowerCase()
}

/**
 * The same for each attempt, each replay and each subscription that tells this person of this event, so that mail
 * servers which drop repeats drop these.
 */
export function messageIdOf({ tenant = '', source, id }: AnyEvent, recipient: string, sender: string): string {
  const named = JSON.stringify([tenant, source, id, personOf(recipient)])
  return `<${hash('sha256', named, 'base64url').slice(0, 32)}@${sender.slice(sender.lastIndexOf('@') + 1)}>`
}

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
  const others = new Map(
    Object.entries(languages).map(([tag, words]) => [
      tag.toLowerCase(),
      { ...standard, ...compiled(words, `.languages.${tag}`, reads) },
    ]),
  )
  const chosen = compileExpression(language, '.language', reads)
  return (message) => inLanguage(textOf(run(chosen, message)).toLowerCase(), others) ?? standard
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

const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export const escapeHtml = (value: string): string => value.replace(/[&<>"']/g, (character) => HTML[character] ?? '')
