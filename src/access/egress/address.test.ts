import { describe, expect, it } from 'vitest'
import { judgeAddress, parseCidr } from './address.js'

const OUT = [
  // loopback, unspecified, private, link-local
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['::1', 'loopback'],
  ['0.0.0.0', 'unspecified'],
  ['0.1.2.3', 'unspecified'],
  ['::', 'unspecified'],
  ['10.0.0.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['169.254.1.1', 'linkLocal'],
  ['fe80::1', 'linkLocal'],
  ['fc00::1', 'uniqueLocal'],
  ['fec0::1', 'deprecatedSiteLocal'],
  ['100.64.0.1', 'carrierGradeNat'],
  // addresses of clouds
  ['169.254.169.254', 'metadata'],
  ['169.254.170.2', 'metadata'],
  ['168.63.129.16', 'metadata'],
  ['100.100.100.200', 'metadata'],
  ['fd00:ec2::254', 'metadata'],
  // an IPv4 address inside an IPv6 one
  ['::ffff:127.0.0.1', 'ipv4Mapped'],
  ['::ffff:7f00:1', 'ipv4Mapped'],
  ['::ffff:8.8.8.8', 'ipv4Mapped'],
  ['::127.0.0.1', 'ipv4Mapped'], // ipaddr.js reads it so; the same in hexadecimal:
  ['::7f00:1', 'reserved'],
  ['::ffff:0:127.0.0.1', 'rfc6145'],
  ['64:ff9b::7f00:1', 'rfc6052'],
  ['64:ff9b::808:808', 'rfc6052'],
  ['64:ff9b:1::7f00:1', 'rfc6052'],
  ['2002:7f00:1::', '6to4'],
  ['2001:0:7f00:1::', 'teredo'],
  // never unicast, or nobody's
  ['224.0.0.1', 'multicast'],
  ['ff02::1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['240.0.0.1', 'reserved'],
  ['192.0.2.1', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['192.0.0.192', 'reserved'],
  ['2001:db8::1', 'reserved'],
  ['3fff::1', 'reserved'],
  ['4000::1', 'reserved'],
  ['100::1', 'discard'],
  ['5f00::1', 'segmentRouting'],
  // no addresses at all
  ['fe80::1%lo', 'not an address'],
  ['2001:4860::1%1', 'not an address'],
  ['127.1', 'not an address'],
  ['0177.0.0.1', 'not an address'],
  ['0x7f000001', 'not an address'],
  ['2130706433', 'not an address'],
  ['8.8.8.8 ', 'not an address'],
  ['', 'not an address'],
  ['example.com', 'not an address'],
] as const

describe('an address', () => {
  it.each(OUT)('%s may not be reached: %s', (address, range) => {
    expect(judgeAddress(address, [])).toEqual({ reachable: false, range })
  })

  it.each(['8.8.8.8', '1.1.1.1', '203.0.112.1', '2606:4700:4700::1111', '2a00:1450::1'])(
    '%s may be reached',
    (address) => {
      expect(judgeAddress(address, [])).toEqual({ reachable: true, listed: false })
    },
  )
})

describe('the allow-list', () => {
  it('opens what the operator names, and nothing beside it', () => {
    const allow = [parseCidr('10.1.0.0/16'), parseCidr('fd12::/16')]
    expect(judgeAddress('10.1.255.255', allow)).toEqual({ reachable: true, listed: true })
    expect(judgeAddress('fd12::9', allow)).toEqual({ reachable: true, listed: true })
    expect(judgeAddress('10.2.0.0', allow)).toMatchObject({ reachable: false })
    expect(judgeAddress('fd13::9', allow)).toMatchObject({ reachable: false })
  })

  it('does not open IPv6 forms of an IPv4 block', () => {
    const allow = [parseCidr('127.0.0.0/8')]
    expect(judgeAddress('::ffff:127.0.0.1', allow)).toMatchObject({ reachable: false })
    expect(judgeAddress('64:ff9b::7f00:1', allow)).toMatchObject({ reachable: false })
  })

  it('opens the metadata of a cloud only by its very address', () => {
    for (const wide of ['0.0.0.0/0', '169.254.0.0/16', '169.254.169.254/31']) {
      expect(judgeAddress('169.254.169.254', [parseCidr(wide)])).toEqual({ reachable: false, range: 'metadata' })
    }
    expect(judgeAddress('169.254.169.254', [parseCidr('169.254.169.254')])).toEqual({ reachable: true, listed: true })
    expect(judgeAddress('fd00:ec2::254', [parseCidr('fd00:ec2::254/128')])).toMatchObject({ reachable: true })
  })

  it.each([
    '10.0.0.1/8', // host bits
    'fd00::1/8',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '::/129',
    'fe80::%lo/10',
    'example.com',
    '',
  ])('refuses %j as a block', (text) => {
    expect(() => parseCidr(text)).toThrow(expect.objectContaining({ code: 'invalid_config', field: 'egress.allow' }))
  })
})
