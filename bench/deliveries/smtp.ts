import { child } from '../child.js'
import { toWire } from '../tocsin.js'
import { HOST, type Way } from './way.js'

/** What is used of nodemailer, whose types are no part of it (https://nodemailer.com/smtp/pooled). */
interface Nodemailer {
  createTransport(options: object): { sendMail(mail: object): Promise<unknown>; close(): void }
}

const MAIL = { from: 'tocsin@example.org', to: 'ada.lovelace@example.org' }

/** As many at once as the transport keeps connections open. */
export const smtp: Way = {
  name: 'mails by smtp',
  transport: 'smtp',
  against: 'nodemailer, pooled',
  count: 2_000,
  inFlight: 4,
  goal: 0.7,
  async open() {
    const server = await child(new URL('./mail-process.ts', import.meta.url))
    const where = { host: HOST, port: Number(server.hello) }
    return {
      target: async () => ({ ...where, encryption: 'none', ...MAIL }),
      async client() {
        const name: string = 'nodemailer'
        const { createTransport } = (await import(name)) as Nodemailer
        const pool = { pool: true, maxConnections: smtp.inFlight, maxMessages: Number.POSITIVE_INFINITY }
        const transporter = createTransport({ ...where, ...pool, ignoreTLS: true, textEncoding: 'quoted-printable' })
        return {
          send: (event) => {
            const subject = `${event.type} ${event.subject}`
            return transporter.sendMail({ ...MAIL, subject, text: JSON.stringify(toWire(event)) })
          },
          close: async () => transporter.close(),
        }
      },
      close: server.close,
    }
  },
}
