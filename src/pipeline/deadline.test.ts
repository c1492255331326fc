import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Deadline } from './deadline.js'

describe('a deadline', () => {
  it('tells when it is past', async () => {
    const told = await new Promise((late) => new Deadline(5, () => late('late')))
    expect(told).toBe('late')
  })

  it('tells nothing once it is kept, at once or later', async () => {
    const late: string[] = []
    new Deadline(1, () => late.push('at once')).end()
    const other = new Deadline(20, () => late.push('later'))
    await sleep(5)
    other.end()
    await sleep(40)
    expect(late).toEqual([])
  })

  it('holds when many others were kept before the loop turned', async () => {
    let late = 0
    for (let index = 0; index < 5_000; index++) {
      const deadline = new Deadline(5, () => late++)
      if (index % 1_000 !== 0) deadline.end()
    }
    await sleep(60)
    expect(late).toBe(5)
  })
})
