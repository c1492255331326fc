/**
 * What an expression reads of the event and of what is sent, as far as it can be known when it is saved: any extension may be there,
 * if its name is one; a misspelt attribute of ours with a capital in it never is.
 */
import type { ASTNode } from '@marcbachmann/cel-js'
import { nearest } from '../event/nearest.js'
import { WIRE_NAMES } from './wire-view.js'

/** What `message` is made of. */
const MESSAGE = ['id', 'body', 'sequence']
/** How CloudEvents names an attribute (CloudEvents 1.0.2, "Naming Conventions"). */
const ATTRIBUTE = /^[a-z0-9]+$/

/** Null: it may be there. */
export function problemOfMember(node: ASTNode): string | null {
  if (node.op !== '.' && node.op !== '.?') return null
  const [of, name] = node.args
  if (of.op !== 'id') return null
  if (of.args === 'event') return problemOfAttribute(name)
  return of.args === 'message' && !MESSAGE.includes(name) ? `message has ${MESSAGE.join(', ')} and no ${name}` : null
}

function problemOfAttribute(name: string): string | null {
  if (name === 'sequence') return 'the event has no sequence yet when it is matched; a value may read message.sequence'
  if (ATTRIBUTE.test(name)) return null
  const meant = nearest(name, WIRE_NAMES)
  return `an attribute has small letters and digits only, and no event has ${name}${meant ? `, but ${meant}` : ''}`
}
