/**
 * What a directory does for us, and the connection that says it: one for all events of a subscription, which are told apart by the
 * numbers of their requests. `ldapts` speaks LDAP over a conversation of ours.
 */
import { isUtf8 } from 'node:buffer'
import { EgressError, isEgressError } from '../../access/egress/egress-error.js'
import { optionalPackage } from '../optional-package.js'
import type { PeerEgress } from '../peer.js'
import { type Conversation, converse } from './conversation.js'
import type { LdapTarget } from './target.js'

export interface AttributeValues {
  readonly name: string
  readonly values: readonly Buffer[]
}

export type Attributes = readonly AttributeValues[]

export interface Change extends AttributeValues {
  readonly operation: 'add' | 'delete' | 'replace'
}

/** Each rejects with an LdapRefusal, or an EgressError of the way there. */
export interface Directory {
  add(dn: string, attributes: Attributes): Promise<void>
  /** All or nothing. */
  modify(dn: string, changes: readonly Change[]): Promise<void>
  remove(dn: string): Promise<void>
  rename(dn: string, newDn: string): Promise<void>
  /** The entry's own values of these attributes; null if there is no such entry. */
  read(dn: string, names: readonly string[]): Promise<Attributes | null>
  /** Whether the entry has the value by the attribute's own rule of what is equal; false too where it has none. */
  compare(dn: string, name: string, value: Buffer): Promise<boolean>
}

/** A result other than success (RFC 4511, appendix A). */
export class LdapRefusal extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** What is used of ldapts' own. */
interface Client {
  readonly isConnected: boolean
  bind(dn: string, password: string): Promise<void>
  add(dn: string, attributes: readonly object[]): Promise<void>
  modify(dn: string, changes: readonly object[]): Promise<void>
  del(dn: string): Promise<void>
  modifyDN(dn: string, newDn: string): Promise<void>
  compare(dn: string, attribute: string, value: string): Promise<boolean>
  search(
    dn: string,
    options: {
      readonly scope: 'base'
      readonly attributes: readonly string[]
      readonly explicitBufferAttributes: readonly string[]
    },
  ): Promise<{ readonly searchEntries: readonly Readonly<Record<string, unknown>>[] }>
  unbind(): Promise<void>
}

export interface Package {
  readonly Client: new (options: { readonly url: string; readonly createConnection: () => Conversation }) => Client
  readonly Attribute: new (options: { readonly type: string; readonly values: readonly Buffer[] }) => object
  readonly Change: new (options: { readonly operation: Change['operation']; readonly modification: object }) => object
}

export const ldapts = (): Promise<Package> => optionalPackage<Package>('ldapts', 'ldap')

export interface OpenDirectory extends Directory {
  /** Whether it can still be asked. */
  isOpen(): boolean
  close(): void
}

/** Connected and logged in. @throws LdapRefusal; EgressError */
export async function openDirectory(
  target: LdapTarget,
  egress: PeerEgress,
  signal: AbortSignal,
): Promise<OpenDirectory> {
  const library = await ldapts()
  const conversation = await converse(target, egress, signal)
  const { directory, client } = directoryOver(conversation, library)
  const end = () => void conversation.destroy(signal.reason)
  signal.addEventListener('abort', end)
  try {
    await told(conversation, () => client.bind(target.bindDn ?? '', target.password ?? ''))
    return directory
  } catch (error) {
    conversation.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', end)
  }
}

function directoryOver(conversation: Conversation, library: Package) {
  // It never connects by itself: what it is given is all there is.
  const client = new library.Client({ url: 'ldap://directory', createConnection: () => onlyWhileOpen(conversation) })
  const attribute = ({ name, values }: AttributeValues) => new library.Attribute({ type: name, values })
  const ask = <Answer>(question: () => Promise<Answer>) => told(conversation, question)
  const directory: OpenDirectory = {
    add: (dn, attributes) => ask(() => client.add(dn, attributes.map(attribute))),
    modify: (dn, changes) =>
      ask(() =>
        client.modify(
          dn,
          changes.map((each) => new library.Change({ operation: each.operation, modification: attribute(each) })),
        ),
      ),
    remove: (dn) => ask(() => client.del(dn)),
    rename: (dn, newDn) => ask(() => client.modifyDN(dn, newDn)),
    read: (dn, names) => ask(() => read(client, dn, names)),
    compare: (dn, name, value) => ask(() => compare(client, dn, name, value)),
    isOpen: () => client.isConnected && !conversation.destroyed,
    close: () => void client.unbind().catch(() => undefined),
  }
  return { directory, client }
}

function onlyWhileOpen(conversation: Conversation): Conversation {
  if (conversation.destroyed) throw new EgressError('reset')
  return conversation
}

/** `1.1`: none (RFC 4511, section 4.5.1.8). */
const NOTHING = ['1.1']

async function read(client: Client, dn: string, names: readonly string[]): Promise<Attributes | null> {
  try {
    const attributes = names.length === 0 ? NOTHING : names
    const found = await client.search(dn, { scope: 'base', attributes, explicitBufferAttributes: names })
    const entry = found.searchEntries[0]
    if (entry === undefined) return null
    return names.map((name) => ({ name, values: valuesIn(entry, name) }))
  } catch (error) {
    if (codeOf(error) === NO_SUCH_ENTRY) return null
    throw error
  }
}

const NO_SUCH_ENTRY = 32

/** No such attribute, no rule of what is equal, no value by its syntax (RFC 4511, section 4.10). */
const NOT_EQUAL = [16, 18, 21]

async function compare(client: Client, dn: string, name: string, value: Buffer): Promise<boolean> {
  // The library writes texts alone.
  if (!isUtf8(value)) return false
  try {
    return await client.compare(dn, name, value.toString())
  } catch (error) {
    const code = codeOf(error)
    if (code !== null && NOT_EQUAL.includes(code)) return false
    throw error
  }
}

/** Names come back as the directory writes them. */
function valuesIn(entry: Readonly<Record<string, unknown>>, name: string): readonly Buffer[] {
  const [, value] = Object.entries(entry).find(([key]) => key.toLowerCase() === name.toLowerCase()) ?? []
  return [value]
    .flat()
    .flatMap((each) => (Buffer.isBuffer(each) ? [each] : typeof each === 'string' ? [Buffer.from(each)] : []))
}

/** Whatever the library calls it. */
async function told<Answer>(conversation: Conversation, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    const code = codeOf(error)
    if (code !== null && error instanceof Error) throw new LdapRefusal(code, error.message.replace(/ Code: 0x\w+$/, ''))
    const { errored } = conversation
    throw isEgressError(errored)
      ? errored
      : new EgressError(conversation.destroyed ? 'reset' : 'protocol', undefined, error)
  }
}

const codeOf = (error: unknown): number | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : null
