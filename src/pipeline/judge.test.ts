import { describe, expect, it } from 'vitest'
import { localPrincipal } from '../access/principal.js'
import type { AnyEvent } from '../event/envelope.js'
import { judge } from './judge.js'
import { LineUp } from './line-up.js'
import type { Processor } from './processor.js'
import { startRun } from './run.js'
import { NO_SETTING } from './setting.js'
import { close, proceed, reject, suspend } from './verdict.js'

const event: AnyEvent = { id: '1', source: '/hr', type: 'user.created', subject: 'ada', data: { name: 'Ada' } }

function lineUp(...processors: readonly Partial<Processor>[]): LineUp {
  const line = new LineUp((type) => [type])
  processors.forEach((processor, index) => {
    line.register({ name: `p${index}`, kind: 'judge', run: () => proceed(), ...processor })
  })
  return line
}

const recheck = () => {}

/** The event as a processor in JavaScript sees it. */
interface Seen {
  subject: string
  readonly data: { name: string; readonly groups: string[]; readonly photo: Uint8Array }
}

const run = (line: LineUp) =>
  judge(startRun(event), line.for(event.type).judges, {
    circumstances: { tenant: 'default', principal: localPrincipal('default') },
    recheck,
    now: () => 0,
  })

describe('the judges', () => {
  it('run by order, equal orders in registration order', async () => {
    const heard: string[] = []
    const say = (name: string, order: number) => ({ name, order, run: () => void heard.push(name) })
    await run(lineUp(say('b', 5), say('a', -1), say('c', 5), say('d', 0)))
    expect(heard).toEqual(['a', 'd', 'b', 'c'])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300, -1])('suspend until no time like %s', async (until) => {
    await expect(run(lineUp({ run: () => suspend(until) }))).rejects.toMatchObject({ code: 'processor_failed' })
  })

  it('hand a changed event on, but not another id', async () => {
    const changed = await run(
      lineUp(
        { run: (before) => proceed({ ...before, id: 'other', data: { name: 'Grace' } }) },
        { run: (seen) => proceed({ ...seen, actor: 'x' }) },
      ),
    )
    expect(changed.event).toMatchObject({ id: '1', data: { name: 'Grace' }, actor: 'x' })
  })

  it('are given an event that nobody can change but by an answer, which is checked; the publisher keeps its own', async () => {
    const data = { name: 'Ada', groups: ['a'], photo: new Uint8Array([1, 2]) }
    const published: AnyEvent = { ...event, data }
    const attempt = (change: (seen: Seen) => unknown) => {
      const judges = lineUp({ run: (seen) => void change(seen as Seen) }).for(event.type).judges
      const circumstances = { tenant: 'default', principal: localPrincipal('default') }
      return judge(startRun(published), judges, { circumstances, recheck, now: () => 0 })
    }
    const failed = { code: 'processor_failed' }
    await expect(attempt((seen) => Object.assign(seen, { subject: 'grace' }))).rejects.toMatchObject(failed)
    await expect(attempt((seen) => Object.assign(seen.data, { name: 'Grace' }))).rejects.toMatchObject(failed)
    await expect(attempt((seen) => seen.data.groups.push('b'))).rejects.toMatchObject(failed)
    const { event: after } = await attempt((seen) => seen.data.photo.fill(0))
    expect(after).toEqual({ ...event, data: { name: 'Ada', groups: ['a'], photo: new Uint8Array([1, 2]) } })
    data.groups.push('mine')
  })

  it.each([
    ['close before step 0', -1, close(), { end: 'closed', deed: false }],
    ['close at step 0', 0, close(), { end: 'closed', deed: true }],
    ['suspend before step 0', -5, suspend(), { end: 'suspended', deed: false, position: -5 }],
    ['suspend after step 0', 7, suspend(99), { end: 'suspended', deed: true, until: 99, position: 7 }],
    [
      'reject',
      3,
      reject('no', 'Not today.'),
      { end: 'rejected', deed: false, rejection: { processor: 'p0', code: 'no', message: 'Not today.' } },
    ],
  ])('%s stops the rest', async (_, order, verdict, expected) => {
    let later = false
    const end = await run(
      lineUp(
        { order, run: () => verdict },
        {
          order: order + 1,
          run: () => {
            later = true
          },
        },
      ),
    )
    expect(end).toMatchObject(expected)
    expect(later).toBe(false)
  })

  it('that throw reject by default, or are recorded', async () => {
    const broken = () => {
      throw new Error('broken')
    }
    await expect(run(lineUp({ run: broken }))).rejects.toMatchObject({ code: 'processor_failed' })
    const end = await run(lineUp({ run: broken, onError: 'continue' }, {}))
    expect(end.outcomes.map(({ state }) => state)).toEqual(['exception', 'executed'])
  })

  it('that answer too late are told by their signal', async () => {
    let told: unknown
    const slow: Partial<Processor> = {
      deadline: 20,
      run: (_, { signal }) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            told = signal.reason
            resolve(undefined)
          }),
        ),
    }
    await expect(run(lineUp(slow))).rejects.toMatchObject({ code: 'processor_timeout' })
    expect(told).toMatchObject({ code: 'processor_timeout' })
  })

  it('publish children only if they finish', async () => {
    const child = { type: 'device.issued', source: '/x' }
    const end = await run(
      lineUp(
        { run: async (_, context) => void (await context.publish(child)) },
        {
          onError: 'continue',
          run: async (_, context) => {
            await context.publish({ ...child, type: 'device.bound' })
            throw new Error('broken')
          },
        },
      ),
    )
    expect(end.children).toEqual([child])
  })

  it('are passed over when disabled, not wanting, or of another type', async () => {
    const line = lineUp(
      { name: 'off' },
      { name: 'picky', when: () => false },
      { name: 'other', types: ['device.*'] },
      { name: 'on', types: ['user.*'] },
    )
    line.set('off', { enabled: false })
    expect((await run(line)).outcomes.map(({ processor }) => processor)).toEqual(['on'])
  })

  it('that may not be disabled refuse', () => {
    expect(() => lineUp({ disableable: false }).check('p0', { ...NO_SETTING, enabled: false })).toThrow(
      expect.objectContaining({ code: 'wrong_state' }),
    )
  })

  it('testEventGreenLine: four judges, four results, the last is where the run stands', async () => {
    const end = await run(
      lineUp({ order: 1 }, { order: 2 }, { order: 3 }, { order: 4, run: (seen) => proceed({ ...seen, actor: '4' }) }),
    )
    expect(end).toMatchObject({ position: 4, end: null, event: { actor: '4' } })
    expect(end.outcomes.map(({ order }) => order)).toEqual([1, 2, 3, 4])
  })

  it('testCloseEvent: after the second closes, the third and fourth never run', async () => {
    const end = await run(lineUp({ order: 1 }, { order: 2, run: close }, { order: 3 }, { order: 4 }))
    expect(end).toMatchObject({ position: 2, end: 'closed' })
    expect(end.outcomes).toHaveLength(2)
  })

  it('testBaseDtoProcessing: a judge of a base type hears a sub-type, and what it sets is seen at the end', async () => {
    const line = new LineUp((type) => [type], { resourceLineage: (type) => [type, 'base'] })
    const mark = (seen: AnyEvent) => proceed({ ...seen, extensions: { marked: true } })
    line.register({ name: 'marks', kind: 'judge', resourceTypes: ['base'], run: mark })
    const judges = line.for(event.type, 'sub').judges
    const circumstances = { tenant: 'default', principal: localPrincipal('default') }
    const end = await judge(startRun(event), judges, { circumstances, recheck, now: () => 0 })
    expect(end.event.extensions).toEqual({ marked: true })
    expect(line.for(event.type, null).judges).toEqual([])
  })

  it('refuse an answer that is no verdict', async () => {
    // A host without types can answer anything.
    const wrong = { run: () => JSON.parse('{"verdict":"perhaps"}') }
    await expect(run(lineUp(wrong))).rejects.toMatchObject({ code: 'processor_failed' })
  })
})
