/**
 * The port's calls by name, so that they can wait in a queue and cross to another thread.
 */
import { Conflict, Fault, type TocsinError, Unavailable } from '../../errors.js'
import type { InboxStore, Store } from '../port.js'
import type { SyncStore } from './sync.js'

type Groups = Pick<
  Store,
  | 'log'
  | 'tasks'
  | 'slices'
  | 'subscriptions'
  | 'registry'
  | 'imports'
  | 'access'
  | 'processors'
  | 'settings'
  | 'audit'
  | 'mail'
  | 'capturedRows'
> & { readonly inbox: InboxStore }
type GroupCalls = {
  [Group in keyof Groups]: {
    [Method in keyof Groups[Group] & string as `${Group}.${Method}`]: Groups[Group][Method]
  }
}[keyof Groups]
type Merged<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer All) => void
  ? All
  : never

/** `'log.get'` and so on, with the signatures of the port. */
export type Calls = Merged<GroupCalls> &
  FileCalls &
  Pick<Store, 'admit' | 'release' | 'erase' | 'configure' | 'ping' | 'prune' | 'pruneTasks'>
/** Of the file itself. */
interface FileCalls {
  vacuum(): Promise<void>
  truncateWal(): Promise<boolean>
}
export type CallName = keyof Calls & string

export interface Call {
  readonly name: CallName
  readonly args: readonly unknown[]
}

export type Outcome =
  | { readonly value: unknown }
  | { readonly failure: Failure }
  /** Not done yet: another connection is writing to the file. */
  | { readonly waits: true }

/** An error that can cross to another thread, where classes do not survive. */
export interface Failure {
  readonly kind: 'unavailable' | 'exists' | 'misuse' | 'fault'
  readonly message: string
}

/** These change nothing, so they need no transaction and go on when writing has stopped. */
export const READS: ReadonlySet<CallName> = new Set<CallName>([
  'log.get',
  'log.find',
  'log.list',
  'log.read',
  'log.head',
  'log.results',
  'log.transaction',
  'log.children',
  'tasks.get',
  'tasks.list',
  'tasks.attempts',
  'tasks.counts',
  'tasks.countsBy',
  'slices.left',
  'subscriptions.load',
  'subscriptions.get',
  'subscriptions.list',
  'registry.get',
  'registry.list',
  'registry.links',
  'registry.linkPage',
  'registry.link',
  'registry.facts',
  'registry.byCode',
  'imports.get',
  'imports.awaited',
  'access.getKey',
  'access.listKeys',
  'access.getTenant',
  'access.listTenants',
  'processors.settings',
  'settings.get',
  'audit.list',
  'capturedRows.find',
  'capturedRows.list',
  'inbox.pending',
  'inbox.get',
  'inbox.list',
  'inbox.counts',
])

/** What SQLite does in no transaction. */
export const OUTSIDE: ReadonlySet<CallName> = new Set<CallName>(['vacuum', 'truncateWal'])

export type Perform = (call: Call) => unknown

/** Finds the method a call names. */
export function performer(store: SyncStore): Perform {
  const { admit, release, erase, vacuum, truncateWal, configure, ping, prune, pruneTasks, ...groups } = store
  const methods = new Map<string, unknown>(
    Object.entries({ admit, release, erase, vacuum, truncateWal, configure, ping, prune, pruneTasks }),
  )
  for (const [group, members] of Object.entries(groups)) {
    for (const [name, method] of Object.entries<unknown>(members)) methods.set(`${group}.${name}`, method)
  }
  return ({ name, args }) => {
    const method = methods.get(name)
    if (typeof method !== 'function') throw new TypeError(`The store has no call ${name}.`)
    return method(...args)
  }
}

export const toFailure = (error: Error): Failure => ({ kind: kindOf(error), message: error.message })

function kindOf(error: Error): Failure['kind'] {
  if (error instanceof TypeError) return 'misuse'
  if (error instanceof Unavailable) return 'unavailable'
  return error instanceof Conflict ? 'exists' : 'fault'
}

export function fromFailure({ kind, message }: Failure): TocsinError | TypeError {
  if (kind === 'misuse') return new TypeError(message)
  if (kind === 'exists') return new Conflict('already_exists', message)
  return kind === 'unavailable' ? new Unavailable('unavailable', message) : new Fault('internal', message)
}
