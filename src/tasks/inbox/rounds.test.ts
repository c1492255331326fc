import { afterEach, describe, expect, it } from 'vitest'
import type { InboxRow } from '../../store/rows.js'
import { Rounds, type RoundsDependencies } from './rounds.js'

const rowOf = (number: number, partitionKey: string): InboxRow => ({
  ...{
    number,
    partitionKey,
    tenant: 't',
    state: 'pending',
    kind: 'judged',
    source: '/s',
    id: String(number),
    type: 'a',
  },
  ...{ subject: null, principal: 'p', receivedAt: 0, content: '{}', code: null, message: null, refusedAt: null },
})

describe('the rounds of the inbox', () => {
  let rounds: Rounds | undefined
  afterEach(() => rounds?.stop())

  /** An inbox with these rows, out of which `admit` takes them. */
  function roundsOver(rows: readonly InboxRow[], over: Partial<RoundsDependencies> = {}) {
    let left = rows
    const looks: number[] = []
    const admitted: number[] = []
    const errors: unknown[] = []
    const started = new Rounds(
      {
        inbox: {
          pending: async (after, limit) => {
            if (limit === 1) looks.push(performance.now())
            return left.filter(({ number }) => number > after).slice(0, limit)
          },
        },
        lead: (work) => work(),
        admit: async (row) => {
          await over.admit?.(row)
          left = left.filter(({ number }) => number !== row.number)
          admitted.push(row.number)
        },
        failed: (error) => void errors.push(error),
        ...(over.lead && { lead: over.lead }),
      },
      20,
    )
    rounds = started
    started.start()
    const write = (row: InboxRow): void => {
      left = [...left, row]
    }
    return { admitted, errors, looks, rounds: started, write }
  }

  it('keeps the order of a key over any number of pages, and lets others go beside it', async () => {
    const rows = Array.from({ length: 1_200 }, (_, index) => rowOf(index + 1, index % 100 === 0 ? 'slow' : 'quick'))
    const { admitted } = roundsOver(rows, {
      admit: async ({ partitionKey }) => {
        if (partitionKey === 'slow') await new Promise((resolve) => setTimeout(resolve, 1))
      },
    })
    await expect.poll(() => admitted).toHaveLength(1_200)
    for (const key of ['slow', 'quick']) {
      const numbers = admitted.filter((number) => rows[number - 1]?.partitionKey === key)
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
    }
    expect(admitted).not.toEqual([...admitted].sort((a, b) => a - b))
  })

  it('lets nobody past a row of the same key that cannot be admitted yet, on no page', async () => {
    const rows = Array.from({ length: 700 }, (_, index) => rowOf(index + 1, index % 2 === 0 ? 'stuck' : 'other'))
    let isDown = true
    const {
      admitted,
      errors,
      rounds: started,
    } = roundsOver(rows, {
      admit: async ({ partitionKey }) => {
        if (isDown && partitionKey === 'stuck') throw new Error('The store is away.')
      },
    })
    await expect.poll(() => admitted).toHaveLength(350)
    expect(admitted.every((number) => number % 2 === 0)).toBe(true)
    expect(errors).toHaveLength(1)
    isDown = false
    started.expect()
    await expect.poll(() => admitted).toHaveLength(700)
  })

  it('looks soon after something was written, and at longer intervals then', async () => {
    const { looks, rounds: started, write, admitted } = roundsOver([])
    await expect.poll(() => looks.length).toBeGreaterThan(6)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(looks.length).toBeLessThan(15)
    write(rowOf(1, 'a'))
    started.expect()
    await expect.poll(() => admitted).toEqual([1])
  })

  it('leaves a row to whoever leads, but not for long', async () => {
    let asked = 0
    const { admitted } = roundsOver([rowOf(1, 'a')], {
      lead: async () => {
        asked += 1
        return null
      },
    })
    await expect.poll(() => admitted).toEqual([1])
    expect(asked).toBe(20)
  })
})
