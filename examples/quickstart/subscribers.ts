/**
 * Three subscribers who may and want to hear different things. Each has a key of its own and subscribes with it.
 */
import type { Api } from './api.js'
import type { ReceiverProcess } from './receiver-process.js'
import { DIRECTORY } from './world.js'

export const SUBSCRIBERS = ['siem', 'directory', 'doors'] as const
export type Subscriber = (typeof SUBSCRIBERS)[number]

interface Wish {
  /** In a sentence, for the reader of the screen. */
  readonly wish: string
  /** Who it is: what `tocsin keys create` takes. */
  readonly key: Readonly<Record<string, unknown>>
  /** What it wants: what `tocsin subscriptions create` takes. */
  readonly subscription: Readonly<Record<string, unknown>>
}

/** Only an administrator sees the whole tenant; these may do nothing with it but subscribe. */
export const NARROWED = { roles: ['admin'], scopes: ['subscriptions:read', 'subscriptions:write'] }

export const WISHES: Readonly<Record<Subscriber, Wish>> = {
  siem: {
    wish: 'security monitoring: hears everything, sees the whole tenant',
    key: NARROWED,
    subscription: { types: ['*'], scope: 'tenant' },
  },
  directory: {
    wish: 'Northgate’s directory: hears everything, sees only what is Northgate’s or linked with it',
    // Bound to a resource, its key sees through that resource alone; so does whatever it subscribes to.
    key: { roles: ['subscriber'], resource: DIRECTORY },
    subscription: { types: ['*'] },
  },
  doors: {
    wish: 'door control: hears of devices and credentials, and only what succeeded',
    key: NARROWED,
    subscription: {
      types: ['device.*', 'credential.*'],
      filters: [{ exact: { outcome: 'success' } }],
      scope: 'tenant',
    },
  },
}

/** Try again soon: this run should end today. Without it the first wait is a second, and waits double up to an hour. */
const DELIVERY = { retry: { attempts: 30, firstDelay: 200, maxDelay: 1_000 }, concurrency: 50 }

/** @returns the subscriptions' ids. The secret each is signed with goes to the receiver, and nowhere else. */
export async function subscribe(
  operator: Api,
  receiver: ReceiverProcess,
): Promise<Readonly<Record<Subscriber, string>>> {
  const one = async (name: Subscriber): Promise<string> => {
    const { key, subscription } = WISHES[name]
    const made = (await operator.call('POST', '/v1/keys', { name, ...key })) as { key: string }
    const target = { url: `${receiver.url}/${name}` }
    const input = { name, ...subscription, ...DELIVERY, transport: 'webhook', target }
    const { id, secret } = (await operator.as(made.key).call('POST', '/v1/subscriptions', input)) as Created
    receiver.trust(name, secret)
    return id
  }
  const [siem, directory, doors] = await Promise.all([one('siem'), one('directory'), one('doors')])
  return { siem, directory, doors }
}

interface Created {
  readonly id: string
  readonly secret: string
}
