/**
 * What an expression reads of the event and of what is sent, as far as it can be known when it is saved: any extension may be there,
 * if its name is one; a misspelt attribute of ours with a capital in it never is.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import { isExtensionName } from '../event/attribute-values.js'
import { nearest } from '../event/nearest.js'
import { WIRE_NAMES } from './wire-view.js'

const MESSAGE = ['id', 'body', 'sequence'] as const

/** What is sent of the event, as values read it. */
export type MessageView = Readonly<Record<(typeof MESSAGE)[number], string>>

/** Null: it may be there. */
export function problemOfMember(node: ASTNode): string | null {
  if (node.op !== '.' && node.op !== '.?') return null
  const [of, name] = node.args
  if (of.op !== 'id') return null
  if (of.args === 'event') return problemOfAttribute(name)
  if (of.args !== 'message' || MESSAGE.some((part) => part === name)) return null
  return `message has ${MESSAGE.join(', ')} and no ${name}`
}

function problemOfAttribute(name: string): string | null {
  if (name === 'sequence') return 'the event has no sequence yet when it is matched; a value may read message.sequence'
  if (name === 'data') return 'the data of the event is `data`, not a member of `event`'
  if (isExtensionName(name)) return null
  const meant = nearest(name, WIRE_NAMES)
  return `an attribute has small letters and digits only, and no event has ${name}${meant ? `, but ${meant}` : ''}`
}
