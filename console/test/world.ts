/**
 * What the console is tried on: the quickstart's server, receiver and subscribers, with a part of its messages and with the
 * payroll that is left to mend.
 */
import { connect } from '../../examples/quickstart/api.js'
import { Cleanup } from '../../examples/quickstart/cleanup.js'
import { startInstance } from '../../examples/quickstart/instance.js'
import { Ledger } from '../../examples/quickstart/ledger.js'
import { type LeftToMend, leaveToMend } from '../../examples/quickstart/left-to-mend.js'
import { publish } from '../../examples/quickstart/publish.js'
import { startReceiver } from '../../examples/quickstart/receiver-process.js'
import { settled } from '../../examples/quickstart/settled.js'
import { stories } from '../../examples/quickstart/stories.js'
import { subscribe } from '../../examples/quickstart/subscribers.js'
import { furnish } from '../../examples/quickstart/world.js'

export interface ConsoleWorld {
  readonly url: string
  /** Of an operator. */
  readonly key: string
  /** Of a subscriber that sees what its resource sees. */
  readonly subscriber: string
  readonly mend: LeftToMend
  /** As an operator. */
  call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown>
  close(): Promise<void>
}

/** One story in so many is enough to see every kind of event. */
const ONE_IN = 25

export async function startConsoleWorld(): Promise<ConsoleWorld> {
  const cleanup = new Cleanup()
  const [instance, receiver] = await Promise.all([startInstance(cleanup, undefined), startReceiver(cleanup)])
  const api = connect(instance.url, instance.key)
  cleanup.add(() => api.close())
  const plan = stories(40).filter((_, index) => index % ONE_IN === 0)
  await furnish(api, plan)
  await subscribe(api, receiver)
  await publish(api, plan, new Ledger())
  await settled(api, receiver)
  const mend = await leaveToMend(api, receiver)
  const made = await api.call('POST', '/v1/keys', {
    name: 'northgate',
    roles: ['subscriber'],
    resource: 'northgate-directory',
  })
  const { key: subscriber } = made as { readonly key: string }
  await api.as(subscriber).call('POST', '/v1/subscriptions', { name: 'own pull', types: ['*'], transport: 'pull' })
  return { ...instance, subscriber, mend, call: api.call, close: () => cleanup.run() }
}
