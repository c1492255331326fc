/** Portable acceptance: testVoteAboutEventPriority, and who wants an event at all. */
import { describe, expect, it } from 'vitest'
import { localPrincipal } from '../access/principal.js'
import type { AnyEvent, Priority } from '../event/envelope.js'
import { LineUp } from './line-up.js'
import type { Processor } from './processor.js'
import { voteOn, wanting } from './vote.js'

const event: AnyEvent = { id: '1', source: '/hr', type: 'user.created', subject: 'ada' }

function ask(...processors: readonly Partial<Processor>[]) {
  const failures: unknown[] = []
  const line = new LineUp((type) => [type])
  processors.forEach((processor, index) => {
    line.register({ name: `p${index}`, kind: 'asynchronous', run: () => undefined, ...processor })
  })
  const question = {
    ...{ tenant: 'default', principal: localPrincipal('default') },
    failed: (name: string, error: unknown) => void failures.push([name, error]),
  }
  const wanted = wanting(line.for(event.type).asynchronous, event, question)
  return { vote: voteOn(wanted, event, question), wanted: wanted.map(({ processor }) => processor.name), failures }
}

const voting = (...votes: readonly (Priority | null | undefined)[]) =>
  ask(...votes.map((vote) => ({ priority: () => vote }))).vote

describe('testVoteAboutEventPriority', () => {
  it('no processors, or all abstain: no vote', () => {
    expect(voting()).toBeNull()
    expect(voting(null, undefined)).toBeNull()
    expect(ask({}).vote).toBeNull()
  })

  it('the highest vote wins', () => {
    expect(voting('normal')).toBe('normal')
    expect(voting('normal', null, 'high', 'normal')).toBe('high')
    expect(voting('high', 'normal', 'immediate')).toBe('immediate')
  })

  it('immediate ends the voting', () => {
    let asked = false
    const late: Partial<Processor> = {
      priority() {
        asked = true
        return 'normal'
      },
    }
    expect(ask({ priority: () => 'immediate' }, late).vote).toBe('immediate')
    expect(asked).toBe(false)
  })

  it('a throw, and a word that is no priority, count as abstention; the throw is told', () => {
    const broken = () => {
      throw new Error('broken')
    }
    expect(ask({ priority: broken }, { priority: () => 'high' })).toMatchObject({
      vote: 'high',
      failures: [['p0', { message: 'broken' }]],
    })
    // A host without types can answer anything.
    expect(voting(JSON.parse('"urgent"'), 'normal')).toBe('normal')
  })

  it('who does not want the event has no vote', () => {
    expect(ask({ when: () => false, priority: () => 'high' }, { priority: () => 'normal' }).vote).toBe('normal')
  })
})

describe('who wants an event', () => {
  it('are those whose condition holds, and those whose condition throws, whose failure is told when they run', () => {
    const broken = () => {
      throw new Error('broken')
    }
    const { wanted, failures } = ask(
      {},
      { when: () => false },
      { when: broken },
      { when: ({ subject }) => subject === 'ada' },
    )
    expect(wanted).toEqual(['p0', 'p2', 'p3'])
    expect(failures).toHaveLength(1)
  })

  it('may not publish when they are only asked', async () => {
    let published: Promise<void> | undefined
    ask({
      when(_, context) {
        published = context.publish({ type: 'x' })
        return true
      },
    })
    await expect(published).rejects.toThrow(TypeError)
  })
})
