/**
 * Addresses as a mail server is told them.
 */
import { domainToASCII } from 'node:url'

/** What RFC 5321 calls a mailbox, without quoted local parts and without literal addresses: nobody is given one. */
export const MAILBOX = '[^\\p{Cc}\\p{Z}<>()\\[\\]\\\\,;:"@]{1,64}@[\\p{L}\\p{N}.-]{1,253}'
const ADDRESS = new RegExp(`^${MAILBOX}$`, 'u')

export const isAddress = (text: string): boolean =>
  text.length <= 320 && ADDRESS.test(text) && !onTheWire(text).endsWith('@')

const BEYOND_ASCII = /[^\0-\x7f]/

/** Its local part is nobody's without SMTPUTF8 (RFC 6531). */
export const needsUtf8 = (address: string): boolean => BEYOND_ASCII.test(address.slice(0, address.lastIndexOf('@')))

/** A domain beyond ASCII goes in the form that every server knows (RFC 5890): `ada@xn--bcher-kva.example`. */
export function onTheWire(address: string): string {
  const at = address.lastIndexOf('@') + 1
  const domain = address.slice(at)
  return BEYOND_ASCII.test(domain) ? address.slice(0, at) + domainToASCII(domain) : address
}

/** Whom an address means: domains have no case, local parts are left alone (RFC 5321, section 2.4). */
export function personOf(address: string): string {
  const wired = onTheWire(address)
  const at = wired.lastIndexOf('@')
  return wired.slice(0, at) + wired.slice(at).toLowerCase()
}

export const eachOnce = (addresses: readonly string[]): readonly string[] =>
  addresses.filter((each, at) => addresses.findIndex((other) => personOf(other) === personOf(each)) === at)
