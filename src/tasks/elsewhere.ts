/**
 * What other nodes did, told to those who wait for it here.
 */
import type { Store } from '../store/port.js'
import { FINISHED_STATES } from '../store/rows.js'
import type { Bell } from './bell.js'
import type { News } from './news.js'
import type { Waiting } from './waiting.js'

export interface ElsewhereDependencies {
  readonly store: Pick<Store, 'tasks'>
  /** Who follows the log. */
  readonly news: News
  /** Who pulls. */
  readonly bell: Bell
  /** Who waits until processors are done with a transaction. */
  readonly done: News
  /** Publishers who wait for one task. */
  readonly waiting: Waiting
  failed(error: unknown): void
}

export class Elsewhere {
  readonly #dependencies: ElsewhereDependencies

  constructor(dependencies: ElsewhereDependencies) {
    this.#dependencies = dependencies
  }

  admitted(tenant: string): void {
    this.#dependencies.news.tell(tenant)
    this.#dependencies.bell.ringTenant(tenant)
  }

  /** Work of processors of the tenant. */
  settled(tenant: string): void {
    const { done, waiting, failed } = this.#dependencies
    done.tell(tenant)
    for (const key of waiting.keys) if (key.tenant === tenant) this.#look(key).catch(failed)
  }

  anything(): void {
    const { news, bell, done, waiting, failed } = this.#dependencies
    news.tellAll()
    bell.ringAll()
    done.tellAll()
    for (const key of waiting.keys) this.#look(key).catch(failed)
  }

  async #look(key: Waiting['keys'][number]): Promise<void> {
    const { store, waiting } = this.#dependencies
    const task = await store.tasks.get(key)
    if (!task || FINISHED_STATES.some((state) => state === task.state)) waiting.dismiss(key)
  }
}
