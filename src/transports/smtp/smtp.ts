/**
 * E-mail: one mail to each person an event concerns. The relay's 250 after DATA acknowledges it: the relay has it, nobody
 * need have read it. nodemailer writes the mail and speaks SMTP, over connections of the guarded client.
 */
import { untilAborted } from '../abort.js'
import { EXCERPT_BYTES, type Excerpts, excerptsWithout } from '../excerpt.js'
import { optionalPackage } from '../optional-package.js'
import type { PeerEgress } from '../peer.js'
import { TemplateFailed } from '../template.js'
import type { OutgoingMessage, Sender, SendOutcome, Transport } from '../transport.js'
import { eachOnce, isAddress, onTheWire, personOf } from './address.js'
import { connectionsTo } from './connections.js'
import { dkimSigner } from './dkim.js'
import { type MailLedger, mailKeyOf } from './ledger.js'
import { type Mail, mailsOf, type Written } from './mail.js'
import { outcomeOf, type Told, toldByError } from './outcome.js'
import { readSmtpTarget, SMTP_TARGET, type SmtpTarget } from './target.js'

export interface SmtpOptions {
  readonly egress: PeerEgress
  readonly ledger: MailLedger
}

export function smtpTransport({ egress, ledger }: SmtpOptions): Transport {
  return {
    name: 'smtp',
    title: 'E-mail',
    promise: 'at least once to the mail server; acknowledged by its 250 after DATA',
    target: SMTP_TARGET,
    defaultFormat: 'cloudevents',
    digest: {},
    async check(given, reads) {
      const target = readSmtpTarget(given)
      mailsOf(target, reads)
      await writerOf(target)
      await egress.checkHost(target.host, target.encryption !== 'none', 'target.host')
    },
    open: (target) => smtpSender(readSmtpTarget(target), egress, ledger),
  }
}

function smtpSender(target: SmtpTarget, egress: PeerEgress, ledger: MailLedger): Sender {
  const mails = mailsOf(target)
  const connections = connectionsTo(target, egress)
  const excerpts = excerptsWithout(secretsOf(target))
  const writer = writerOf(target)
  writer.catch(() => undefined)

  async function mail(to: string, about: readonly Written[], signal: AbortSignal): Promise<string> {
    const written = mails.mail(to, about)
    const bytes = await (await writer)(written)
    const from = target.bounces === undefined ? written.from.address : onTheWire(target.bounces)
    return await connections.send({ from, to: [written.to.address], size: bytes.length }, bytes, signal)
  }

  /** What nobody else mails this person, or did, in one mail: what became of each message. */
  async function tell(
    to: string,
    messages: readonly OutgoingMessage[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<OutgoingMessage, Told>> {
    const became = new Map<OutgoingMessage, Told>()
    const about: Written[] = []
    for (const message of messages) {
      const section = isAddress(to) ? await claimed(to, message) : NO_ADDRESS
      if ('told' in section) became.set(message, section)
      else about.push(section)
    }
    if (about.length === 0) return became
    const told = await mailClaimed(to, about, signal)
    for (const { message } of about) became.set(message, told)
    return became
  }

  /** Its words, once it is ours to mail. */
  async function claimed(to: string, message: OutgoingMessage): Promise<Written | Told> {
    const claim = await ledger.claim(mailKeyOf(message.event, to), message.id, message.replayedAt)
    if (claim === 'told') return { told: 'yes' }
    if (claim === 'busy') return BUSY
    try {
      return mails.write(message)
    } catch (error) {
      await ledger.settle(mailKeyOf(message.event, to), message.id, false)
      return toldByFailure(error, excerpts)
    }
  }

  async function mailClaimed(to: string, about: readonly Written[], signal: AbortSignal): Promise<Told> {
    const settle = async (told: boolean) => {
      for (const { message } of about) await ledger.settle(mailKeyOf(message.event, to), message.id, told)
    }
    try {
      const response = await mail(to, about, signal)
      await settle(true)
      return { told: 'yes', response: excerpts.of(response.slice(0, EXCERPT_BYTES), false) }
    } catch (error) {
      await settle(false)
      signal.throwIfAborted()
      return toldByFailure(error, excerpts)
    }
  }

  /** Each person gets one mail of all that names them; what becomes of a message is what became of its mails. */
  async function tellAll(messages: readonly OutgoingMessage[], signal: AbortSignal): Promise<readonly SendOutcome[]> {
    const named = messages.map((message) => ({ message, whom: recipientsOf(message) }))
    const persons = new Map(messages.map((message) => [message, [] as Told[]]))
    // One after the other, on one connection.
    for (const to of eachOnce(named.flatMap(({ whom }) => ('outcome' in whom ? [] : whom)))) {
      const about = named.filter(
        ({ whom }) => !('outcome' in whom) && whom.some((one) => personOf(one) === personOf(to)),
      )
      const told = await tell(
        to,
        about.map(({ message }) => message),
        signal,
      )
      for (const [message, became] of told) persons.get(message)?.push(became)
    }
    return named.map(({ message, whom }) => {
      if ('outcome' in whom) return whom
      const told = persons.get(message) ?? []
      return told.length === 0 ? NOBODY : outcomeOf(told)
    })
  }

  function recipientsOf(message: OutgoingMessage): readonly string[] | Refused {
    try {
      return mails.recipients(message)
    } catch (error) {
      if (error instanceof TemplateFailed) return templateFailed(error)
      throw error
    }
  }

  const sendTogether: Together = (messages, signal) => untilAborted(signal, () => tellAll(messages, signal))
  return {
    async send(message, signal) {
      const [outcome] = await sendTogether([message], signal)
      return outcome ?? NOBODY
    },
    sendTogether,
    close: async () => connections.close(),
  }
}

type Together = NonNullable<Sender['sendTogether']>
type Refused = Extract<SendOutcome, { readonly outcome: 'refused' }>

const NOBODY: SendOutcome = { outcome: 'delivered', code: 'nobody', response: 'The event names nobody to be told.' }
const BUSY: Told = {
  told: 'later',
  outcome: {
    outcome: 'release',
    code: 'mailed_elsewhere',
    message: 'Another subscription is mailing this event to the same person.',
    after: 5_000,
  },
}
const NO_ADDRESS: Told = {
  told: 'never',
  outcome: { outcome: 'refused', code: 'no_address', message: 'What the event names is not an e-mail address.' },
}

const templateFailed = ({ message }: TemplateFailed) =>
  ({ outcome: 'refused', code: 'template_failed', message }) as const

const toldByFailure = (error: unknown, excerpts: Excerpts): Told =>
  error instanceof TemplateFailed ? { told: 'never', outcome: templateFailed(error) } : toldByError(error, excerpts)

type Writer = (mail: Mail) => Promise<Buffer>

/** What is used of nodemailer (https://nodemailer.com/transports/stream). */
interface Composer {
  sendMail(mail: Mail): Promise<{ readonly message: Buffer }>
}
interface Nodemailer {
  createTransport(options: Readonly<Record<string, unknown>>): Composer
}

/** Writes mails as bytes, signed if there is a key; it reads no file and no URL, whatever an event says. */
async function writerOf({ dkim }: SmtpTarget): Promise<Writer> {
  const { createTransport } = await optionalPackage<Nodemailer>('nodemailer', 'smtp')
  // A library that cannot sign sends unsigned, so we sign.
  const signed = dkim && dkimSigner(dkim)
  const composer = createTransport({
    ...{ streamTransport: true, buffer: true, newline: 'windows' },
    ...{ disableFileAccess: true, disableUrlAccess: true, textEncoding: 'quoted-printable' },
  })
  return async (mail) => {
    const { message } = await composer.sendMail(mail)
    return signed ? signed(message) : message
  }
}

/** Also in the forms in which they are said to the server (RFC 4616, RFC 4954). */
function secretsOf({ user = '', password, dkim }: SmtpTarget): readonly string[] {
  const said =
    password === undefined ? [] : [password, `\0${user}\0${password}`].flatMap((text) => [text, base64(text)])
  return [...said, ...(dkim ? [dkim.privateKey] : [])]
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
