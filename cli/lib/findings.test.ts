import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { capturesOf, clock, files, node, nodesOf, pending } from './findings.js'

describe('what the doctor finds', () => {
  it.each([
    ['18.20.0', 'fail'],
    ['20.18.3', 'fail'],
    ['20.19.0', 'warn'],
    ['22.13.0', 'ok'],
    ['24.21.0', 'ok'],
  ])('Node %s: %s', (version, level) => {
    expect(node(version).level).toBe(level)
  })

  it('tells clocks apart that differ by more than five seconds', () => {
    const date = 'Sat, 21 Nov 2026 12:00:00 GMT'
    const there = Date.parse(date)
    expect(clock(date, there + 5400).level).toBe('ok')
    expect(clock(date, there - 6000)).toMatchObject({ level: 'warn', text: "6 s apart from the server's" })
    expect(clock('', there).level).toBe('warn')
  })

  it('misses a folder for files that is not there, or is none', () => {
    expect(files(tmpdir()).level).toBe('ok')
    expect(files(join(tmpdir(), 'nowhere-at-all'))).toMatchObject({ level: 'fail', name: 'files' })
    expect(files(process.execPath).text).toContain('is no folder')
  })

  it('warns of an entry of the inbox that waits for long', () => {
    const now = Date.parse('2026-11-21T12:00:00Z')
    expect(pending(undefined, now).level).toBe('ok')
    expect(pending('2026-11-21T11:59:01Z', now).level).toBe('ok')
    expect(pending('2026-11-21T11:58:00Z', now)).toMatchObject({
      level: 'warn',
      text: expect.stringContaining('120 s'),
    })
  })

  it('tells which captures read on', () => {
    const running = { name: 'hr', state: 'running', code: null }
    expect(capturesOf([running])).toMatchObject({ level: 'ok', text: 'the one there is reads on' })
    expect(capturesOf([running, { name: 'doors', state: 'beginning', code: null }])).toMatchObject({ level: 'ok' })
    expect(capturesOf([running, { name: 'doors', state: 'waiting', code: 'source_unreachable' }])).toMatchObject({
      level: 'warn',
      text: 'not reading: doors (source_unreachable)',
    })
    expect(
      capturesOf([
        { ...running, state: 'held', code: 'schema_changed' },
        { name: 'doors', state: 'waiting' },
      ]),
    ).toMatchObject({
      level: 'fail',
      text: 'nothing more is told of hr (schema_changed)',
    })
  })

  it('tells who shares the database', () => {
    const ready = { id: 'a', state: 'ready', version: '1' }
    expect(nodesOf([ready])).toMatchObject({ level: 'ok', text: 'one node' })
    expect(nodesOf([ready, { ...ready, id: 'b' }])).toMatchObject({ level: 'ok', text: '2 nodes' })
    expect(nodesOf([ready, { ...ready, id: 'b', state: 'lost' }])).toMatchObject({
      level: 'warn',
      text: '2 nodes, not heard of: b',
    })
    expect(nodesOf([ready, { ...ready, id: 'b', version: '2' }]).text).toBe('2 nodes of the versions 1, 2')
  })
})
