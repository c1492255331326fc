/**
 * A transaction that goes on while it is counted.
 */
import { expect, it } from 'vitest'
import { localPrincipal } from '../access/principal.js'
import { admission, admitted, candidate, event, request, settlement, T } from '../store/conformance/fixtures.js'
import { openMemoryStore } from '../store/memory/store.js'
import type { Store } from '../store/port.js'
import { Transactions } from './transactions.js'

const CHAIN = candidate({ subscription: 'local.processors' })
const soon = async () => undefined

it('is not settled before what its first event published is counted', async () => {
  const store = openMemoryStore()
  await admitted(store, admission(event('first'), [CHAIN]))
  const [leased] = (await store.tasks.lease(request())).leased
  if (leased === undefined) throw new Error('It must be leased.')
  /** The processor publishes and ends between two questions. */
  const goOn = async () => {
    await admitted(store, admission(event('second', { transactionId: 'first' }), [CHAIN]))
    await store.tasks.settle([settlement(leased.task)], null)
  }
  let asked = 0
  const between = <Args extends readonly unknown[], Answer>(ask: (...args: Args) => Promise<Answer>) => {
    return async (...args: Args) => {
      if (++asked === 3) await goOn()
      return ask(...args)
    }
  }
  const log: Store['log'] = { ...store.log, transaction: between(store.log.transaction), find: between(store.log.find) }
  const tasks: Store['tasks'] = { ...store.tasks, countsBy: between(store.tasks.countsBy) }
  const transactions = new Transactions({ store: { log, tasks }, news: soon, told: soon })
  const view = await transactions.get(localPrincipal(T), 'first')
  expect(view).toMatchObject({ events: 2, settled: false, processing: { done: 1, due: 1 } })
})
