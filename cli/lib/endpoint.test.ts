import { chmodSync, mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endpointOf, type GlobalOptions, loginFile, writeLogin } from './endpoint.js'
import type { Io } from './io.js'

const ioWith = (environment: Record<string, string>): Io => ({
  out: () => undefined,
  err: () => undefined,
  input: (async function* () {})(),
  environment,
  folder: '/',
  home: mkdtempSync(join(tmpdir(), 'tocsin-home-')),
  terminal: false,
  prompt: null,
  drawing: false,
  columns: 80,
  now: () => 0,
  signal: new AbortController().signal,
})

const keptIn = (io: Io, login = { server: 'https://kept.example', key: 'kept' }): Io => {
  writeLogin(loginFile(io), login)
  return io
}

describe('server and key', () => {
  it('come from flags, then the environment, then what login kept, then the usual server', () => {
    const environment = { TOCSIN_SERVER: 'http://environment:1', TOCSIN_KEY: 'environment' }
    const flags: GlobalOptions = { server: 'http://flags:2/', key: 'flags', tenant: 't' }
    expect(endpointOf(flags, keptIn(ioWith(environment)))).toEqual({
      server: 'http://flags:2',
      key: 'flags',
      tenant: 't',
    })
    expect(endpointOf({}, keptIn(ioWith(environment)))).toMatchObject({
      server: 'http://environment:1',
      key: 'environment',
    })
    expect(endpointOf({}, keptIn(ioWith({})))).toEqual({ server: 'https://kept.example', key: 'kept', tenant: null })
    expect(endpointOf({}, ioWith({}))).toEqual({ server: 'http://127.0.0.1:7300', key: null, tenant: null })
  })

  it('never show a kept key to another server', () => {
    expect(endpointOf({ server: 'https://elsewhere.example' }, keptIn(ioWith({}))).key).toBeNull()
    expect(endpointOf({ server: 'https://kept.example/' }, keptIn(ioWith({}))).key).toBe('kept')
  })

  it('are kept for this person alone, and refused where others can read them', () => {
    const io = keptIn(ioWith({}))
    expect(statSync(loginFile(io)).mode & 0o777).toBe(0o600)
    chmodSync(loginFile(io), 0o640)
    expect(() => endpointOf({}, io)).toThrow('others can read it')
  })

  it.each(['localhost:7300', 'ftp://h', 'http://h/path', '', 'http://'])('refuse %j as a server', (server) => {
    expect(() => endpointOf({ server }, ioWith({}))).toThrow('is not a server')
  })

  it('refuse a key that no header can carry, without showing it', () => {
    expect(() => endpointOf({ key: 'k1\r\nx: y' }, ioWith({}))).toThrow('not shown')
    expect(() => endpointOf({ key: 'k1\r\nx: y' }, ioWith({}))).not.toThrow('k1')
  })

  it('refuse a login file of another shape', () => {
    const io = keptIn(ioWith({}))
    writeFileSync(loginFile(io), 'key: 5\n')
    expect(() => endpointOf({}, io)).toThrow('key in')
  })
})
