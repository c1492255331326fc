import { describe, expect, it } from 'vitest'
import { admission, event, T } from '../conformance/fixtures.js'
import type { Call, Outcome } from './calls.js'
import { performer } from './calls.js'
import { type Engine, openEngine } from './engine.js'
import { Writer } from './writer.js'

const openMemory = (): Engine => openEngine({ path: ':memory:', synchronous: 'FULL', pageSize: 4_096, epoch: 'e' })

const writerOf = (engine: Engine): Writer => new Writer(engine.session, performer(engine.store))

const admit = (id: string, size = 10): Call => ({
  name: 'admit',
  args: [[admission(event(id, { body: 'x'.repeat(size) }))], null],
})
const misuse: Call = {
  name: 'admit',
  args: [[{ tenant: T, events: [], change: null, subscriptionVersion: null }], null],
}
const read: Call = { name: 'log.head', args: [T] }

const kinds = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.map((outcome) => ('failure' in outcome ? outcome.failure.kind : 'value'))

describe('group commit', () => {
  it('runs all that wait in one transaction, in order', () => {
    const engine = openMemory()
    const begun: string[] = []
    const { begin } = engine.session
    engine.session.begin = () => {
      begun.push('begin')
      begin.call(engine.session)
    }
    const outcomes = writerOf(engine).execute([admit('1'), read, admit('2'), read])
    expect(outcomes.map((outcome) => ('value' in outcome ? outcome.value : null))).toMatchObject([
      [{ status: 'admitted' }],
      1,
      [{ status: 'admitted' }],
      2,
    ])
    expect(begun).toHaveLength(1)
    engine.close()
  })

  it('gives the others a transaction each when one of them fails', () => {
    const engine = openMemory()
    const writer = writerOf(engine)
    expect(kinds(writer.execute([admit('1'), misuse, admit('2'), read]))).toEqual(['value', 'misuse', 'value', 'value'])
    expect(writer.execute([read])).toEqual([{ value: 2 }])
    expect(kinds(writer.execute([misuse]))).toEqual(['misuse'])
    engine.close()
  })

  it('refuses while the disk is full, goes on reading, and recovers', () => {
    const engine = openMemory()
    const writer = writerOf(engine)
    writer.execute([admit('1')])
    const [pages] = engine.session.get('PRAGMA page_count') ?? []
    engine.session.get(`PRAGMA max_page_count = ${Number(pages) + 2}`)
    const outcomes = writer.execute([admit('2', 100_000), read])
    expect(outcomes).toEqual([{ failure: { kind: 'unavailable', message: 'The disk is full.' } }, { value: 1 }])
    engine.session.get('PRAGMA max_page_count = 100000')
    expect(kinds(writer.execute([admit('2', 100_000)]))).toEqual(['value'])
    expect(writer.execute([read])).toEqual([{ value: 2 }])
    engine.close()
  })

  it('accepts nothing more after the disk failed at a commit, but goes on reading', () => {
    const engine = openMemory()
    const writer = writerOf(engine)
    writer.execute([admit('1')])
    const { commit } = engine.session
    engine.session.commit = () => {
      engine.session.commit = commit
      throw Object.assign(new Error('disk I/O error'), { errcode: 1_034 })
    }
    expect(kinds(writer.execute([admit('2'), read]))).toEqual(['unavailable', 'value'])
    expect(kinds(writer.execute([admit('3')]))).toEqual(['unavailable'])
    expect(writer.execute([read])).toEqual([{ value: 1 }])
    engine.close()
  })
})
