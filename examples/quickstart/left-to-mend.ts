/**
 * What is left for whoever opens the console: a fourth subscriber, the payroll, whose address somebody got wrong.
 * Two people are hired; payroll hears of neither, until its address is mended and what failed is sent again.
 */
import type { Api } from './api.js'
import type { ReceiverProcess } from './receiver-process.js'
import { NARROWED } from './subscribers.js'

export interface LeftToMend {
  /** Nobody listens there. */
  readonly wrong: string
  readonly right: string
}

/** Port 9 is the discard service: hardly any machine runs it. */
const WRONG = 'http://127.0.0.1:9/payroll'

/** Given up at once, so that there is something to send again. */
const RETRY = { attempts: 1 }

const HIRED = ['amara.osei', 'bruno.lindqvist']

export async function leaveToMend(operator: Api, receiver: ReceiverProcess): Promise<LeftToMend> {
  const made = (await operator.call('POST', '/v1/keys', { name: 'payroll', ...NARROWED })) as { readonly key: string }
  const wish = { name: 'payroll', types: ['user.*'], scope: 'tenant', transport: 'webhook', target: { url: WRONG } }
  const input = { ...wish, retry: RETRY, order: 'none' }
  const { secret } = (await operator.as(made.key).call('POST', '/v1/subscriptions', input)) as {
    readonly secret: string
  }
  receiver.trust('payroll', secret)
  for (const name of HIRED) await hire(operator, name)
  return { wrong: WRONG, right: `${receiver.url}/payroll` }
}

async function hire(operator: Api, userName: string): Promise<void> {
  const person = { userId: userName, userName, displayName: nameOf(userName), email: `${userName}@northgate.example` }
  const about = { source: '/hr', subject: userName }
  await operator.call('POST', '/v1/events', { ...about, type: 'user.created', data: person })
  const before = { department: 'none', status: 'pending' }
  const changes = [
    { op: 'replace', path: '/department', value: 'Care' },
    { op: 'replace', path: '/status', value: 'active' },
  ]
  await operator.call('POST', '/v1/events', {
    ...{ ...about, type: 'user.updated' },
    data: { userId: userName, before, changes, reason: 'First day' },
  })
}

const nameOf = (userName: string): string =>
  userName.replaceAll(/(^|\.)(\w)/g, (_all, dot: string, letter: string) => (dot && ' ') + letter.toUpperCase())
