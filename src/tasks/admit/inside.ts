/**
 * Inside a transaction of the host's: it was judged in the call, and is written to the inbox through the host's handle. It
 * is an event if and only if the host commits; until then nothing of ours waits for it, nor it for us.
 */
import type { Principal } from '../../access/principal.js'
import { InvalidInput } from '../../errors.js'
import type { GraphChange } from '../../registry/graph.js'
import type { HostTransaction, Store } from '../../store/port.js'
import { rowOf } from '../inbox/content.js'
import type { Judged } from './plan.js'
import type { Receipt } from './receipt.js'
import { resultOf } from './receipts.js'

export interface InsideDependencies {
  readonly inbox: Store['inbox'] | undefined
  /** The name of the store, for who cannot bring a transaction. */
  readonly name: string
  /** A row was written: it will be pending once its host has committed. */
  expect(): void
}

export class Inside {
  readonly #dependencies: InsideDependencies

  constructor(dependencies: InsideDependencies) {
    this.#dependencies = dependencies
  }

  /** @throws TypeError for what is no open transaction on our database; InvalidInput where there can be none */
  async join(transaction: unknown): Promise<HostTransaction> {
    const { inbox, name } = this.#dependencies
    if (inbox) return inbox.join(transaction)
    throw new InvalidInput('invalid_request', `The store ${name} has no transactions that a host could bring.`, {
      field: 'transaction',
      expected: 'no transaction, or a database in a file of SQLite or in PostgreSQL',
    })
  }

  async write(
    host: HostTransaction,
    judged: readonly Judged[],
    graph: GraphChange | null,
    caller: Principal,
  ): Promise<readonly Receipt[]> {
    await host.append(rowOf({ judged, graph, caller }))
    this.#dependencies.expect()
    return judged.map(pendingReceipt)
  }
}

const pendingReceipt = ({ run: { event, outcomes } }: Judged): Receipt => ({
  id: event.id,
  source: event.source,
  type: event.type,
  tenant: event.tenant ?? '',
  state: 'pending',
  duplicate: false,
  sequence: null,
  transactionId: event.transactionId ?? null,
  tasks: 0,
  results: outcomes.map(resultOf),
  queued: [],
})
