import { expect, it } from 'vitest'
import { Semaphore } from './semaphore.js'

it('lets so many work at once, the others in the order they came, also after one that failed', async () => {
  const two = new Semaphore(2)
  const ends = new Map<number, () => void>()
  const began: number[] = []
  const work = (number: number) =>
    two.run(() => {
      began.push(number)
      return new Promise<number>((resolve, reject) => {
        ends.set(number, () => (number === 1 ? reject(new Error('no')) : resolve(number)))
      })
    })
  const all = Promise.allSettled([1, 2, 3, 4].map(work))
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  await turn()
  expect(began).toEqual([1, 2])
  ends.get(1)?.()
  await turn()
  expect(began).toEqual([1, 2, 3])
  ends.get(2)?.()
  ends.get(3)?.()
  await turn()
  expect(began).toEqual([1, 2, 3, 4])
  ends.get(4)?.()
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
})
