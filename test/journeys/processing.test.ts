/**
 * Processors in a process that is killed with kill -9, over one database.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder, removeFolder } from '../faults/instance.js'
import { ProcessingLives } from '../faults/processing.js'
import { pause, randomFrom, seedOfRun } from '../faults/random.js'

let folder: string
let lives: ProcessingLives
beforeEach(() => {
  folder = makeFolder()
  lives = new ProcessingLives(folder)
})
afterEach(() => removeFolder(folder))

const TIME = { timeout: 180_000 }

describe('kill -9 of a process that holds processors', () => {
  it('a chain of three that is killed in the second goes on after the first', TIME, async () => {
    await lives.live({ publish: ['e1'], hangsAt: 'a:2' }, async () => {
      if (!lives.of('e1').includes('a:2 begun')) return false
      // What has not answered after 50 ms is written down, and with it what succeeded before.
      await pause(500)
      return true
    })
    await lives.live({}, () => lives.of('e1').includes('a:3 done'))
    expect(lives.of('e1', 1)).toEqual(['published admitted', 'a:1 begun', 'a:1 done', 'a:2 begun'])
    expect(lives.of('e1', 2)).toEqual(['a:2 begun', 'a:2 done', 'a:3 begun', 'a:3 done'])
  })

  it('a suspended event is resumed by the next process after the judge that suspended it', TIME, async () => {
    await lives.live({ publish: ['e1'], suspends: true }, () => lives.of('-', 1).includes('ready'))
    expect(lives.of('e1')).toEqual(['j:1 done', 'published suspended'])
    await lives.live({ resume: 'e1', suspends: true }, () => lives.of('e1').includes('a:3 done'))
    expect(lives.of('e1', 2).slice(0, 2)).toEqual(['j:2 done', 'resumed admitted'])
    expect(lives.of('e1').filter((what) => what.startsWith('j:1'))).toHaveLength(1)
  })

  it(
    '40 events over three kills: each goes through its chain in order, and only what ran at a kill runs again',
    TIME,
    async () => {
      const seed = seedOfRun()
      const random = randomFrom(seed)
      const ids = Array.from({ length: 40 }, (_, index) => `e${index}`)
      const isDone = (id: string) => lives.of(id).includes('a:3 done')
      const doneIn = (life: number) => lives.of(null, life).filter((what) => what === 'a:3 done').length
      for (let kill = 0; kill < 3; kill++) {
        const some = 1 + Math.floor(random() * 8)
        const publish = kill === 0 ? ids : []
        await lives.live({ publish, slow: 60 }, () => {
          const ready = lives.of('-', lives.life).includes('ready')
          return ready && (doneIn(lives.life) >= some || ids.every(isDone))
        })
      }
      await lives.live({}, () => ids.every(isDone))
      const again = ids.filter((id) => {
        const steps = lives.of(id).filter((what) => what.endsWith('begun'))
        expect([...new Set(steps)], `seed ${seed}, ${id}`).toEqual(['a:1 begun', 'a:2 begun', 'a:3 begun'])
        return steps.length > 3
      })
      // Ten at once, three kills.
      expect(again.length, `seed ${seed}: ${again}`).toBeLessThanOrEqual(30)
    },
  )
})
