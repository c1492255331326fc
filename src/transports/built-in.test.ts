import { tmpdir } from 'node:os'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { EgressClient } from '../access/egress/client.js'
import { createPolicy } from '../access/egress/guard.js'
import { openMemoryStore } from '../store/memory/store.js'
import { builtInTransports } from './built-in.js'
import { localTransport } from './local.js'
import { pullTransport } from './pull.js'
import { storedLedger } from './smtp/ledger.js'
import { targetReader } from './target.js'
import { transportsOf } from './transports.js'

function builtIn(filesRoot?: string) {
  const egress = new EgressClient({ policy: createPolicy() })
  return builtInTransports({
    egress,
    version: '0.0.0',
    logger: pino({ enabled: false }),
    local: localTransport(),
    categoryOf: () => undefined,
    mailed: storedLedger(openMemoryStore().mail, Date.now),
    filesRoot,
  })
}

describe('the transports in the box', () => {
  it('have names of their own and write files only where the operator gave a folder', () => {
    expect([...transportsOf(builtIn()).keys()]).toEqual([
      'webhook',
      'smtp',
      'pull',
      'local',
      'log',
      'syslog',
      'snmp',
      'sql',
      'ldap',
    ])
    expect([...transportsOf(builtIn(tmpdir())).keys()]).toEqual([
      'webhook',
      'smtp',
      'pull',
      'local',
      'log',
      'syslog',
      'snmp',
      'sql',
      'ldap',
      'file',
    ])
  })

  it('describe each field of their targets for people', () => {
    for (const { target } of builtIn(tmpdir())) {
      for (const field of Object.values(Object(target.properties))) {
        expect(field).toMatchObject({ title: expect.any(String), description: expect.any(String) })
      }
    }
  })

  it('cannot be doubled or named at will', () => {
    expect(() => transportsOf([pullTransport, pullTransport])).toThrow(TypeError)
    expect(() => transportsOf([{ ...pullTransport, name: 'Pull it' }])).toThrow(TypeError)
  })
})

describe('pull', () => {
  it('takes no target and is never opened', async () => {
    await pullTransport.check({})
    await expect(pullTransport.check({ url: 'x' })).rejects.toMatchObject({ field: 'target.url' })
    expect(() => pullTransport.open({})).toThrow(TypeError)
  })
})

describe('a target that does not fit', () => {
  it('is named by its field, and its value is not told', () => {
    const read = targetReader({
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'object', properties: { 'x/y~z': { type: 'string' } } } },
    })
    const refusal = (target: Readonly<Record<string, unknown>>) => {
      try {
        return read(target)
      } catch (error) {
        return error
      }
    }
    expect(refusal({})).toMatchObject({ code: 'invalid_request', field: 'target.a' })
    expect(refusal({ a: { 'x/y~z': 12345 } })).toMatchObject({ field: 'target.a.x/y~z', expected: 'must be string' })
    expect(String(refusal({ a: { 'x/y~z': 12345 } }))).not.toContain('12345')
  })
})
