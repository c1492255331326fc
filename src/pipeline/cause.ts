/**
 * Why something failed, for people: the chain of causes without stacks, within a bound, free of what looks like a secret.
 */
import { messageOf } from '../errors.js'

const MOST_BYTES = 4_096
/** Longer chains are loops, or tell nothing new. */
const MOST_CAUSES = 10

/** A line each: the kind of error and its message, the outermost first. */
export function causeOf(error: unknown): string {
  const lines: string[] = []
  let present = error
  while (present !== undefined && lines.length < MOST_CAUSES) {
    lines.push(lineOf(present))
    present = causeIn(present)
  }
  return cutCause(lines.join('\ncaused by '))
}

/** What is thrown may be anything, and may throw when it is looked at. */
const lineOf = (error: unknown): string =>
  attempted(() => (error instanceof Error ? `${error.name}: ${error.message}` : undefined)) ?? messageOf(error)

const causeIn = (error: unknown): unknown => attempted(() => (error instanceof Error ? error.cause : undefined))

function attempted<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

/** At most 4 KiB of UTF-8, cut between characters, and without what looks like a secret. */
export function cutCause(text: string): string {
  const safe = SECRETS.reduce((masked, [pattern, mask]) => masked.replaceAll(pattern, mask), text)
  if (Buffer.byteLength(safe) <= MOST_BYTES) return safe
  return `${new TextDecoder().decode(Buffer.from(safe).subarray(0, MOST_BYTES - 3), { stream: true })}…`
}

/** What others' libraries put into their messages now and then. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\bwhs[ek]c?_[A-Za-z0-9+/=_-]+/g, '***'],
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]+/gi, '$1 ***'],
  [/(\/\/[^/\s:@]*):[^/\s@]+@/g, '$1:***@'],
]
