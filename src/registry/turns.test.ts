import { expect, it } from 'vitest'
import { Turns } from './turns.js'

const tick = () => new Promise((resolve) => setImmediate(resolve))

it('work on one key goes one after another, and work on another does not wait', async () => {
  const turns = new Turns()
  const seen: string[] = []
  const work = (name: string, keys: readonly string[]) =>
    turns.take(keys, async () => {
      seen.push(`${name} begins`)
      await tick()
      seen.push(`${name} ends`)
    })
  await Promise.all([work('a', ['x']), work('b', ['x', 'y']), work('c', ['z'])])
  expect(seen.indexOf('a ends')).toBeLessThan(seen.indexOf('b begins'))
  expect(seen.indexOf('c begins')).toBeLessThan(seen.indexOf('a ends'))
})

it('a turn ends when it says so, or fails', async () => {
  const turns = new Turns()
  const seen: string[] = []
  const early = turns.take(['x'], async (done) => {
    done()
    await tick()
    await tick()
    seen.push('early')
  })
  const failing = turns.take(['x'], async () => {
    seen.push('failing')
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await turns.take(['x'], async () => void seen.push('next'))
  await early
  expect(seen[0]).toBe('failing')
  expect(seen).toContain('next')
})

it('two that name the same keys in another order do not wait for each other', async () => {
  const turns = new Turns()
  const seen: string[] = []
  await Promise.all([
    turns.take(['x', 'y'], async () => void seen.push('one')),
    turns.take(['y', 'x'], async () => void seen.push('two')),
  ])
  expect(seen).toEqual(['one', 'two'])
})
