/**
 * A route that a plug-in brings, in words of HTTP alone: the server mounts it and minds limits, log and errors.
 */
import type { Principal, Scope } from '../access/principal.js'
import type { TocsinError } from '../errors.js'
import type { JsonSchema } from '../event/catalogue.js'
import type { Hub } from '../hub.js'

/** Bodies by content type, each with its JSON Schema; `{ $ref: 'Subscription' }` is a shape of the API itself. */
export type PluginBodies = Readonly<Record<string, JsonSchema>>

export interface PluginAnswer {
  readonly status: number
  readonly description: string
  /** None: the answer has no body. */
  readonly bodies?: PluginBodies
}

export interface PluginRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/aps/2/resources/:id`: outside `/v1`, which is ours. */
  readonly path: string
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  /** The body it takes, as OpenAPI tells it; it is not checked by it. */
  readonly takes?: PluginBodies
  /** Its success, as OpenAPI tells it. */
  readonly answers?: PluginAnswer
  /** Bodies of errors where `refuse` or the route itself writes them, as OpenAPI tells them. */
  readonly errors?: PluginBodies
  /** Bytes a body may have. Default: `server.bodyLimit`. */
  readonly bodyLimit?: number
  /** What the bearer key must allow; `own`: the protocol has its own way to tell who calls, and the route asks for it. */
  readonly scope: Scope | 'own'
  /** @throws TocsinError, told as `refuse` says. */
  handle(request: PluginRequest, hub: Hub): Promise<PluginReply>
  /** How the protocol writes an error, also of what the server refuses before (a body too large). Default: RFC 9457. */
  refuse?(error: TocsinError, request: Pick<PluginRequest, 'id' | 'url' | 'headers'>): PluginReply
}

export interface PluginRequest {
  /** Finds the request in the log. */
  readonly id: string
  readonly method: string
  /** Path and query as they were sent. */
  readonly url: string
  /** Of the path, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  readonly body: Uint8Array
  readonly connection: PluginConnection
  /** Who calls; null where the scope is `own`. */
  readonly caller: Principal | null
  /** Aborted when the caller goes before it has its answer. */
  readonly signal: AbortSignal
}

export interface PluginConnection {
  readonly address: string
  /** The server itself speaks TLS. */
  readonly secure: boolean
  /** SHA-256 of the client's certificate (DER), base64url: it holds the key of it. Null without one. */
  readonly certificate: string | null
}

export interface PluginReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}
