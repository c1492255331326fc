/**
 * What a directory says, looked at before the client library reads it: whole messages (RFC 4511, section 5.1: BER with definite
 * lengths) of a bounded size whose parts fill them exactly. The library trusts lengths within a message, and one that lies would keep
 * it, and the process, busy for ever.
 */
import { EgressError } from '../../access/egress/egress-error.js'

/** Bytes of one message. What is read are attributes that an event wrote. */
const LONGEST = 4 * 1024 * 1024
const SEQUENCE = 0x30
const CONSTRUCTED = 0x20
/** `[APPLICATION 4]`, an entry that was found: its tags by depth (section 4.5.2). */
const ENTRY = 0x64
const ENTRY_TAGS: readonly (readonly number[])[] = [[0x04, SEQUENCE], [SEQUENCE], [0x04, 0x31], [0x04]]
/** Deeper than any message; the way down is a call for each. */
const DEEPEST = 16

interface Element {
  readonly tag: number
  /** Where its content begins, and where it ends. */
  readonly from: number
  readonly to: number
}

/** Takes pieces as they come; answers the messages that are complete. */
export type Reassembly = (piece: Buffer) => readonly Buffer[]

/** @throws EgressError `protocol`: what comes is no LDAP; nothing after it can be read. */
export function reassembly(): Reassembly {
  let rest: readonly Buffer[] = []
  let length = 0
  /** Bytes without which there is nothing new to see. */
  let needed = 2
  return (piece) => {
    rest = [...rest, piece]
    length += piece.length
    if (length < needed) return []
    const bytes = Buffer.concat(rest)
    const messages: Buffer[] = []
    let at = 0
    for (;;) {
      const message = elementAt(bytes, at)
      needed = message === null ? 2 : message.to - at
      if (message !== null && message.tag !== SEQUENCE) throw new EgressError('protocol')
      if (message === null || message.to > bytes.length) break
      checkMessage(bytes, message)
      messages.push(bytes.subarray(at, message.to))
      at = message.to
    }
    rest = [bytes.subarray(at)]
    length = bytes.length - at
    needed = Math.max(needed, length + 1)
    return messages
  }
}

/** Null: its header is not complete. @throws EgressError */
function elementAt(bytes: Buffer, at: number, end = bytes.length): Element | null {
  if (end - at < 2) return null
  const first = bytes[at + 1] ?? 0
  const more = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || more > 4) throw new EgressError('protocol')
  const from = at + 2 + more
  if (from > end) return null
  const length = more === 0 ? first : bytes.readUIntBE(at + 2, more)
  if (length > LONGEST) throw new EgressError('protocol', 'a message is too long')
  return { tag: bytes[at] ?? 0, from, to: from + length }
}

/** @throws EgressError */
function checkMessage(bytes: Buffer, message: Element): void {
  for (const part of partsOf(bytes, message)) {
    checkFilled(bytes, part, 0)
    if (part.tag === ENTRY) checkEntry(bytes, part, 0)
  }
}

function checkFilled(bytes: Buffer, element: Element, depth: number): void {
  if ((element.tag & CONSTRUCTED) === 0) return
  if (depth > DEEPEST) throw new EgressError('protocol')
  for (const part of partsOf(bytes, element)) checkFilled(bytes, part, depth + 1)
}

/** What should have parts has them. */
function checkEntry(bytes: Buffer, element: Element, depth: number): void {
  const tags = ENTRY_TAGS[depth]
  if (tags === undefined) return
  partsOf(bytes, element).forEach((part, index) => {
    if (part.tag !== tags[Math.min(index, tags.length - 1)]) throw new EgressError('protocol')
    if ((part.tag & CONSTRUCTED) !== 0) checkEntry(bytes, part, depth + 1)
  })
}

function partsOf(bytes: Buffer, { from, to }: Element): readonly Element[] {
  const parts: Element[] = []
  for (let at = from; at < to; ) {
    const part = elementAt(bytes, at, to)
    if (part === null || part.to > to) throw new EgressError('protocol')
    parts.push(part)
    at = part.to
  }
  return parts
}
