/**
 * The log of an instance: JSON lines, or lines for people. What is named like a secret is replaced.
 */
import { type DestinationStream, type Logger, pino } from 'pino'

export interface LogSettings {
  readonly level: string
  /** Lines for people instead of JSON. */
  readonly pretty: boolean
}

const SECRET_FIELDS = [
  'authorization',
  'cookie',
  'secret',
  'secrets',
  'key',
  'password',
  'passphrase',
  'token',
  'credentials',
]

/** Secrets at the top, one and two levels below it; pino's paths have no wildcard for depth. */
const REDACTED = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`])

/** Writes JSON lines to `destination` (default: standard output); what is named like a secret is replaced. */
export function createLogger(settings: LogSettings, destination: DestinationStream = process.stdout): Logger {
  const options = {
    level: settings.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED, censor: '***' },
  }
  return pino(options, settings.pretty ? forPeople(destination) : destination)
}

const forPeople = (destination: DestinationStream): DestinationStream => ({
  write: (line) => destination.write(`${prettyLine(line)}\n`),
})

/** `21:04:05.123 INFO  event.published type="user.created"`; values as JSON, so that no control character reaches a terminal. */
export function prettyLine(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>
  const pairs = Object.entries(fields).map(
    ([name, value]) => `${escapeControls(name)}=${escapeControls(JSON.stringify(value))}`,
  )
  const head = `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${escapeControls(String(msg ?? ''))}`
  return [head, ...pairs].join(' ')
}

/** C0, DEL, C1 and the marks that turn the direction of writing: shown, not obeyed. */
const escapeControls = (text: string): string =>
  text.replaceAll(
    /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
