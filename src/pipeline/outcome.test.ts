/** Whatever a processor written in JavaScript answers or throws, its rows can be stored and told. */
import { describe, expect, it } from 'vitest'
import { localPrincipal } from '../access/principal.js'
import type { AnyEvent } from '../event/envelope.js'
import { Accepted } from './accepted.js'
import { LineUp } from './line-up.js'
import type { Answer } from './processor.js'
import { hear } from './witness.js'

const event: AnyEvent = { id: '1', source: '/hr', type: 'user.created', subject: 'ada' }
const circumstances = { tenant: 'default', principal: localPrincipal('default'), publish: async () => undefined }

/** What it told, as a program without types may answer it. */
async function heard(run: () => unknown) {
  const line = new LineUp((type) => [type])
  line.register({ name: 'odd', kind: 'asynchronous', run: () => run() as Answer })
  const [placed] = line.for(event.type).asynchronous
  const outcomes = placed && (await hear(placed, event, circumstances, Date.now))
  return (outcomes ?? []).map(({ state, code, message, cause }) => ({ state, code, message, cause }))
}

const thrown = (error: unknown) => () => {
  throw error
}
const trap = () => {
  throw new Error('trap')
}

describe('an answer that is none', () => {
  it.each([
    ['a symbol as code', { state: 'executed', code: Symbol('x') }],
    ['a function as message', { state: 'executed', message: () => 1 }],
    ['an object as message', { state: 'executed', message: {} }],
    ['a number as cause', { state: 'executed', cause: 5 }],
    ['no state', {}],
    ['nothing', null],
  ])('is a failure of the processor that names the place: %s', async (_, result) => {
    const [outcome] = await heard(() => ({ results: [{ state: 'executed' }, result] }))
    expect(outcome).toMatchObject({ state: 'exception', code: 'processor_failed' })
    expect(outcome?.message).toContain('odd answered results[1]')
  })

  it('is one that has results which are no list, or cannot be read', async () => {
    expect((await heard(() => ({ results: 7 })))[0]?.message).toBe(
      'The processor odd answered results that are no list.',
    )
    expect(await heard(() => Object.defineProperty({}, 'results', { get: trap }))).toMatchObject([{ message: 'trap' }])
  })

  it('is one that tells more results than are kept', async () => {
    const results = (count: number) => ({ results: Array.from({ length: count }, () => ({ state: 'executed' })) })
    expect(await heard(() => results(1_000))).toHaveLength(1_000)
    expect((await heard(() => results(1_001)))[0]?.message).toContain('answered 1001 results; 1000 are kept at most')
  })

  it('says nothing where it is null, at once or later', async () => {
    const nothing = [{ state: 'executed', code: null, message: null, cause: null }]
    expect(await heard(() => null)).toEqual(nothing)
    expect(await heard(async () => null)).toEqual(nothing)
  })

  it('is cut where it is long', async () => {
    const [outcome] = await heard(() => ({ results: [{ state: 'executed', message: 'm'.repeat(100_000) }] }))
    expect(outcome?.message).toHaveLength(4_094)
  })
})

describe('something odd that is thrown', () => {
  it.each([
    ['undefined', undefined, 'undefined'],
    ['null', null, 'null'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['what throws when it is told', { toString: trap }, 'What was thrown cannot be told.'],
    [
      'an error that throws when it is read',
      new Proxy(new Error('x'), { get: trap }),
      'What was thrown cannot be told.',
    ],
    ['an error with an object as message', Object.assign(new Error('x'), { message: {} }), '[object Object]'],
  ])('is a failure of the processor with a message: %s', async (_, error, message) => {
    expect(await heard(thrown(error))).toMatchObject([{ state: 'exception', code: 'processor_failed', message }])
  })

  it('is told as text where it was accepted', async () => {
    const accepted = Object.assign(new Accepted('ordered'), { code: Symbol('later') })
    expect(await heard(thrown(accepted))).toMatchObject([
      { state: 'executed', code: 'Symbol(later)', message: 'ordered' },
    ])
  })
})
