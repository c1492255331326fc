/**
 * What a plug-in's transport may ask of the instance it works in.
 */
import type { EgressClient } from '../access/egress/client.js'
import type { Resource } from '../registry/change.js'
import type { AddressedMessage, Sent } from '../tasks/admit/addressed.js'
import type { Transport } from './transport.js'

export interface TransportParts {
  /** Whatever goes out goes through it: HTTP by `send`, other protocols over its `socket`. */
  readonly egress: Pick<EgressClient, 'check' | 'send' | 'checkHost' | 'addresses' | 'socket'>
  /** What to call ourselves: `tocsin/0.1.0`. */
  readonly agent: string
  /** @throws NotFound; of a removed one it answers the last state */
  resource(tenant: string, id: string): Promise<Resource>
  /** The secret that signs for a key of the kind `oauth1`; null when there is none in force. */
  consumerSecret(tenant: string, key: string): Promise<string | null>
  /** A secret of the instance, made when first asked for and then always the same. */
  secret(name: string, make: () => string): Promise<string>
  /** Sends a message to subscriptions of the tenant. */
  send(tenant: string, message: AddressedMessage): Promise<Sent>
}

export interface MadeTransport {
  /** Of the transport. */
  readonly name: string
  make(parts: TransportParts): Transport
}
