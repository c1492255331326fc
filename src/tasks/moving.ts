/**
 * A task that goes from one subscription to another, as SQS moves a message to its dead-letter queue and back.
 *
 * It is written there first and ended here then, in two commits: whoever stops in between leaves the lease to run out, and
 * who takes it next moves it again, which finds it there. So it is never lost, and twice there at most if it was settled
 * there in between.
 */
import { type Principal, requireScope } from '../access/principal.js'
import { NotFound } from '../errors.js'
import type { LeasedTask, Settlement, Store } from '../store/port.js'
import { type Address, candidateAt } from './admit/addressed.js'
import type { Bell } from './bell.js'

export interface MovingDependencies {
  readonly store: Pick<Store, 'tasks'>
  readonly bell: Bell
  wake(): void
  now(): number
}

export class Moving {
  readonly #dependencies: MovingDependencies

  constructor(dependencies: MovingDependencies) {
    this.#dependencies = dependencies
  }

  /** What the caller has taken goes to other subscriptions of its tenant. @throws NotFound if one is gone */
  async move(
    caller: Principal,
    moves: readonly { readonly leased: LeasedTask; readonly to: Address }[],
  ): Promise<void> {
    requireScope(caller, 'tasks:write')
    const { store, now, bell, wake } = this.#dependencies
    const { tenant } = caller
    const at = now()
    for (const { leased, to } of moves) {
      const lane = { tenant, subscription: to.subscription }
      const options = { now: at, again: true, cursor: null, from: null, last: false }
      const turned = await store.tasks.turn(lane, [{ event: leased.event, candidate: candidateAt(to) }], options)
      if (turned === 0 && !(await store.tasks.get({ ...lane, sequence: leased.task.sequence })))
        throw new NotFound('subscription', to.subscription)
      bell.ring(lane)
    }
    await store.tasks.settle(
      moves.map(({ leased, to }) => endOf(leased, to, at)),
      null,
    )
    wake()
  }
}

const endOf = ({ task }: LeasedTask, { subscription: to }: Address, now: number): Settlement => ({
  ...{ tenant: task.tenant, sequence: task.sequence, subscription: task.subscription, token: task.token, now },
  next: { state: 'cancelled', code: 'moved', message: `Moved to ${to}.` },
  ...{ attempt: null, results: [], leaseNext: false },
})
