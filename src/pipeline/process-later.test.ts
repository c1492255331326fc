/** The chain of asynchronous processors, and what processors may tell of what they did. */
import { describe, expect, it } from 'vitest'
import { localPrincipal } from '../access/principal.js'
import type { AnyEvent } from '../event/envelope.js'
import { Accepted } from './accepted.js'
import { judge } from './judge.js'
import { LineUp } from './line-up.js'
import { hasFailed } from './outcome.js'
import { type Chain, processLater } from './process-later.js'
import type { Processor } from './processor.js'
import { startRun } from './run.js'
import { proceed, suspend } from './verdict.js'
import { witness } from './witness.js'

const event: AnyEvent = { id: '1', source: '/hr', type: 'user.created', subject: 'ada' }
const circumstances = {
  tenant: 'default',
  principal: localPrincipal('default'),
  publish: async () => undefined,
}

const placed = (kind: Processor['kind'], ...processors: readonly Partial<Processor>[]) => {
  const line = new LineUp((type) => [type])
  processors.forEach((processor, index) => {
    line.register({ name: `p${index + 1}`, kind, order: index + 1, run: () => undefined, ...processor })
  })
  const { judges, witnesses, asynchronous } = line.for(event.type)
  return [...judges, ...witnesses, ...asynchronous]
}

const work = (processors: readonly Partial<Processor>[], more: Partial<Chain> = {}) =>
  processLater({
    processors: placed('asynchronous', ...processors),
    ...{ event, circumstances, done: new Set<string>(), after: null, now: Date.now },
    ...more,
  })

const names = (outcomes: readonly { readonly processor: string }[]) => outcomes.map(({ processor }) => processor)
const fail = () => {
  throw new Error('broken', { cause: new TypeError('really') })
}

const recheck = () => {}

describe('the chain', () => {
  it('testEventGreenLine: runs all by order, each sees what those before it answered', async () => {
    const seen: number[] = []
    const look: Processor['run'] = (_, { results }) => void seen.push(results.length)
    const { outcomes, failure, stopped } = await work([{ run: look }, { run: look }, { run: look }, { run: look }])
    expect(seen).toEqual([0, 1, 2, 3])
    expect(outcomes.map(({ order, state, number }) => [order, state, number])).toEqual(
      [1, 2, 3, 4].map((order) => [order, 'executed', 0]),
    )
    expect({ failure, stopped }).toEqual({ failure: null, stopped: false })
  })

  it('testStartEventInMiddle: only those strictly after the order given run', async () => {
    const { outcomes } = await work([{}, {}, {}, {}], { after: 2 })
    expect(names(outcomes)).toEqual(['p3', 'p4'])
    const judges = placed('judge', {}, {}, {}, {})
    const run = await judge(startRun(event), judges, { circumstances, recheck, now: Date.now }, 2)
    expect(names(run.outcomes)).toEqual(['p3', 'p4'])
    expect(run.position).toBe(4)
  })

  it('testNextProcessorIsNotExecutedAfterException', async () => {
    const { outcomes, failure } = await work([{}, { run: fail }, {}])
    expect(outcomes.map(({ processor, state }) => [processor, state])).toEqual([
      ['p1', 'executed'],
      ['p2', 'exception'],
    ])
    expect(failure).toMatchObject({
      code: 'processor_failed',
      message: 'broken',
      cause: 'Error: broken\ncaused by TypeError: really',
    })
  })

  it('goes on after a failure of one under onError continue', async () => {
    const { outcomes, failure } = await work([{ run: fail, onError: 'continue' }, {}])
    expect(names(outcomes)).toEqual(['p1', 'p2'])
    expect(failure).toBeNull()
  })

  it('testConditionalProcessor: a condition that does not hold leaves no outcome; one that holds leaves one', async () => {
    expect((await work([{ when: () => false }])).outcomes).toEqual([])
    expect((await work([{ when: () => true }])).outcomes).toHaveLength(1)
  })

  it('passes over those that are done, and begins with their results', async () => {
    const [earlier] = (await work([{}])).outcomes
    const seen: unknown[] = []
    const { outcomes } = await work([{}, { run: (_, { results }) => void seen.push(...results) }], {
      done: new Set(['p1']),
      circumstances: { ...circumstances, results: earlier ? [earlier] : [] },
    })
    expect(names(outcomes)).toEqual(['p2'])
    expect(seen).toEqual([earlier])
  })

  it('stopped from outside keeps what was done, and the one that ran has no outcome', async () => {
    const controller = new AbortController()
    const stuck = () => new Promise<undefined>(() => void setTimeout(() => controller.abort(new Error('closing')), 5))
    const answer = await work([{}, { run: stuck }, {}], {
      circumstances: { ...circumstances, signal: controller.signal },
    })
    expect(answer).toMatchObject({ failure: null, stopped: true })
    expect(names(answer.outcomes)).toEqual(['p1'])
  })
})

describe('a processor that has not answered after 50 ms', () => {
  const takes = (ms: number) => () => new Promise<void>((resolve) => setTimeout(resolve, ms))

  it('is told of, with what was done before it; a quick one is not', async () => {
    const told: unknown[] = []
    const running: Chain['running'] = (processor, outcomes) => void told.push([processor, names(outcomes)])
    await work([{}, { run: takes(5) }, { run: takes(90) }, { run: takes(5) }], { running })
    expect(told).toMatchObject([[{ processor: 'p3', state: 'running', number: 0, endedAt: null }, ['p1', 'p2']]])
  })
})

describe('operation results', () => {
  const results = [
    { state: 'exception', code: 'no_account', message: 'No account.', cause: 'whsec_c2VjcmV0 was wrong' },
    { state: 'cancelled' },
  ] as const

  it('testSaveStates: none is one executed row, two are two rows; an exception among them is no failure', async () => {
    const { outcomes, failure } = await work([{}, { run: () => ({ results: [] }) }, { run: () => ({ results }) }, {}])
    expect(outcomes.map(({ processor, number, state, code }) => [processor, number, state, code])).toEqual([
      ['p1', 0, 'executed', null],
      ['p2', 0, 'executed', null],
      ['p3', 0, 'exception', 'no_account'],
      ['p3', 1, 'cancelled', null],
      ['p4', 0, 'executed', null],
    ])
    expect(failure).toBeNull()
    expect(outcomes.some(hasFailed)).toBe(false)
    expect(outcomes[2]?.cause).toBe('*** was wrong')
  })

  it('come from judges beside a verdict or alone, and from witnesses', async () => {
    const judges = placed('judge', { run: () => ({ results }) }, { run: () => ({ ...suspend(), results }) }, {})
    const run = await judge(startRun(event), judges, { circumstances, recheck, now: Date.now })
    expect(run.outcomes.map(({ number, state, verdict }) => [number, state, verdict])).toEqual([
      [0, 'exception', 'continue'],
      [1, 'cancelled', 'continue'],
      [0, 'exception', 'suspend'],
      [1, 'cancelled', 'suspend'],
    ])
    expect(run.end).toBe('suspended')
    const witnesses = placed('witness', { run: () => ({ results }) }, { run: fail })
    expect((await witness(witnesses, event, circumstances, Date.now)).map(hasFailed)).toEqual([false, false, true])
  })

  it('that are none are a failure of the processor', async () => {
    // A host without types can answer anything.
    const wrong = (answer: unknown) => [{ run: () => JSON.parse(JSON.stringify(answer)) }]
    expect((await work(wrong({ results: [{ state: 'fine' }] }))).failure).toMatchObject({ code: 'processor_failed' })
    expect((await work(wrong({ results: 'x' }))).failure).toMatchObject({ code: 'processor_failed' })
    expect((await work(wrong(5))).failure).toBeNull()
  })

  it('of a judge are seen by the next', async () => {
    const seen: unknown[] = []
    const look: Processor['run'] = (_, context) => void seen.push(...context.results)
    const judges = placed('judge', { run: () => ({ ...proceed(), results }) }, { run: look })
    await judge(startRun(event), judges, { circumstances, recheck, now: Date.now })
    expect(seen).toMatchObject([
      { processor: 'p1', code: 'no_account' },
      { processor: 'p1', state: 'cancelled' },
    ])
  })
})

describe('testAcceptedException', () => {
  const accepted = () => {
    throw new Accepted('The mainframe has it.')
  }

  it('succeeds with its code, and the chain goes on', async () => {
    const { outcomes, failure } = await work([{ run: accepted }, {}])
    expect(outcomes).toMatchObject([
      { state: 'executed', code: 'accepted', message: 'The mainframe has it.', cause: null },
      { state: 'executed', code: null },
    ])
    expect(failure).toBeNull()
  })

  it('means the same from a judge, whose children are kept, and from a witness', async () => {
    const run: Processor['run'] = async (_, context) => {
      await context.publish({ type: 'a' })
      throw new Accepted('Later.', 'ordered')
    }
    const end = await judge(startRun(event), placed('judge', { run }, {}), { circumstances, recheck, now: Date.now })
    expect(end.outcomes).toMatchObject([
      { state: 'executed', verdict: 'continue', code: 'ordered' },
      { state: 'executed', verdict: 'continue', code: null },
    ])
    expect(end.children).toEqual([{ type: 'a' }])
    expect(await witness(placed('witness', { run: accepted }), event, circumstances, Date.now)).toMatchObject([
      { state: 'executed', code: 'accepted' },
    ])
  })
})
