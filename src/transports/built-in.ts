/**
 * The transports in the box.
 */
import { fileTransport } from './file.js'
import { type LogSink, logTransport } from './log.js'
import { pullTransport } from './pull.js'
import type { Transport } from './transport.js'
import { type WebhookEgress, webhookTransport } from './webhook.js'

export interface BuiltInOptions {
  readonly egress: WebhookEgress
  /** Of Tocsin. */
  readonly version: string
  readonly logger: LogSink
  /** The host's handlers. */
  readonly local: Transport
  /** The folder of the file transport; without it there is none. */
  readonly filesRoot?: string | undefined
}

export const builtInTransports = ({
  egress,
  version,
  logger,
  local,
  filesRoot,
}: BuiltInOptions): readonly Transport[] => [
  webhookTransport({ egress, version }),
  pullTransport,
  local,
  logTransport({ logger }),
  ...(filesRoot === undefined ? [] : [fileTransport({ root: filesRoot })]),
]
