/**
 * The transports in the box.
 */
import { fileTransport } from './file.js'
import { ldapTransport } from './ldap/ldap.js'
import { type LogSink, logTransport } from './log.js'
import type { PeerEgress } from './peer.js'
import { pullTransport } from './pull.js'
import type { MailLedger } from './smtp/ledger.js'
import { smtpTransport } from './smtp/smtp.js'
import { snmpTransport } from './snmp/snmp.js'
import { type SqlEgress, sqlTransport } from './sql/sql.js'
import { syslogTransport } from './syslog/syslog.js'
import type { Transport } from './transport.js'
import { type WebhookEgress, webhookTransport } from './webhook.js'

export interface BuiltInOptions {
  readonly egress: WebhookEgress & SqlEgress & PeerEgress
  /** Of Tocsin. */
  readonly version: string
  readonly logger: LogSink
  /** The host's handlers. */
  readonly local: Transport
  /** Of an event type. */
  categoryOf(type: string): string | undefined
  /** Who was mailed of what. */
  readonly mailed: MailLedger
  /** The folder of the file transport and of SQLite files; without it there are none. */
  readonly filesRoot?: string | undefined
  /** Of webhooks. */
  readonly requireProof?: boolean
}

export const builtInTransports = ({
  egress,
  version,
  logger,
  local,
  categoryOf,
  mailed,
  filesRoot,
  requireProof = false,
}: BuiltInOptions): readonly Transport[] => [
  webhookTransport({ egress, version, requireProof }),
  smtpTransport({ egress, ledger: mailed }),
  pullTransport,
  local,
  logTransport({ logger }),
  syslogTransport({ egress, version }),
  snmpTransport({ egress, categoryOf }),
  sqlTransport({ egress, filesRoot }),
  ldapTransport({ egress }),
  ...(filesRoot === undefined ? [] : [fileTransport({ root: filesRoot })]),
]
