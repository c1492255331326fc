/**
 * May this address be reached? Only public unicast may, and what the instance operator opened.
 *
 * `ipaddr.js` names the ranges; the lists below hold what it calls `unicast` and we do not.
 * A NAT64 prefix of a network's own (RFC 6052, section 2.2) cannot be told from a public address: an operator
 * who runs one must block it in the network.
 */
import ipaddr from 'ipaddr.js'
import { InvalidInput } from '../../errors.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** A block of addresses the instance operator opened, from `parseCidr`. */
export interface Cidr {
  /** As written. */
  readonly text: string
  readonly base: Address
  readonly bits: number
}

export type AddressVerdict =
  /** `listed`: only because the operator opened it. */
  | { readonly reachable: true; readonly listed: boolean }
  /** `range`: why not, in a word: `loopback`, `private`, `metadata`, `not an address`, ... */
  | { readonly reachable: false; readonly range: string }

/**
 * Addresses at which a cloud hands its secrets to the machine on it. A wide entry of the allow-list does not open
 * them; an entry of the one address does.
 */
const METADATA: readonly string[] = [
  '169.254.169.254', // AWS, Azure, Google Cloud and most others
  '169.254.170.2', // AWS container credentials
  '168.63.129.16', // Azure platform; ipaddr.js calls it unicast
  '100.100.100.200', // Alibaba Cloud
  'fd00:ec2::254', // AWS over IPv6
]
const METADATA_ADDRESSES = METADATA.map((text) => ipaddr.parse(text))

/** The one block that is handed out as global unicast (IANA IPv6 address space); so `::/96` and the like are out. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * `10.0.0.0/8`, `fd00::/8`, or one address. Host bits must be zero: a typing error must not open a network.
 * @throws InvalidInput `invalid_config` with the text.
 */
export function parseCidr(text: string): Cidr {
  const cidr = readCidr(text)
  if (cidr !== null && isNetwork(cidr)) return cidr
  throw new InvalidInput('invalid_config', `${JSON.stringify(text)} is not a block of addresses.`, {
    field: 'egress.allow',
    expected: 'an address or a CIDR block without host bits, such as 10.0.0.0/8 or fd00::/8',
  })
}

/** @param address an IP literal as a resolver or a socket gives it. */
export function judgeAddress(address: string, allow: readonly Cidr[]): AddressVerdict {
  const parsed = parseAddress(address)
  if (parsed === null) return { reachable: false, range: 'not an address' }
  const metadata = METADATA_ADDRESSES.some((one) => same(one, parsed))
  if (allow.some((cidr) => contains(cidr, parsed) && (!metadata || isOneAddress(cidr)))) {
    return { reachable: true, listed: true }
  }
  const range = metadata ? 'metadata' : rangeOf(parsed)
  return range === 'unicast' ? { reachable: true, listed: false } : { reachable: false, range }
}

function rangeOf(address: Address): string {
  const range = address.range()
  if (range === 'unicast' && isIPv6(address) && !address.match(GLOBAL_IPV6)) return 'reserved'
  return range
}

// ipaddr.js would also read `127.1` and octal parts: only the form resolvers and sockets give is an address here.
function parseAddress(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  // A zone id names an interface of ours.
  return text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : null
}

function readCidr(text: string): Cidr | null {
  const slash = text.indexOf('/')
  const base = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (base === null) return null
  const length = slash < 0 ? String(widthOf(base)) : text.slice(slash + 1)
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  return bits <= widthOf(base) ? { text, base, bits } : null
}

function isNetwork({ base, bits }: Cidr): boolean {
  const block = `${base.toString()}/${bits}`
  const network = isIPv6(base) ? ipaddr.IPv6.networkAddressFromCIDR(block) : ipaddr.IPv4.networkAddressFromCIDR(block)
  return same(network, base)
}

// An IPv4 address written inside an IPv6 one is not looked for in IPv4 blocks: nobody needs that form.
const contains = (cidr: Cidr, address: Address): boolean =>
  cidr.base.kind() === address.kind() && address.match(cidr.base, cidr.bits)

const same = (a: Address, b: Address): boolean => a.kind() === b.kind() && a.toString() === b.toString()
const widthOf = (address: Address): number => (isIPv6(address) ? 128 : 32)
const isOneAddress = (cidr: Cidr): boolean => cidr.bits === widthOf(cidr.base)
const isIPv6 = (address: Address): address is ipaddr.IPv6 => address.kind() === 'ipv6'
