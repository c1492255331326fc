/**
 * Two calls with the same event key at once share one run: the second gets the first one's receipt.
 */
import { Conflict } from '../../errors.js'

export class SharedRuns<Result> {
  readonly #running = new Map<string, { hash: string; result: Promise<Result> }>()

  /** @throws Conflict `duplicate_mismatch` when the same key runs with other content. */
  run(
    key: string,
    hash: string,
    begin: () => Promise<Result>,
  ): { readonly result: Promise<Result>; readonly shared: boolean } {
    const running = this.#running.get(key)
    if (running) {
      if (running.hash !== hash) throw mismatch()
      return { result: running.result, shared: true }
    }
    const result = begin()
    this.#running.set(key, { hash, result })
    const forget = () => this.#running.delete(key)
    result.then(forget, forget)
    return { result, shared: false }
  }
}

export const mismatch = (): Conflict =>
  new Conflict('duplicate_mismatch', 'The same source and id were already published with other content.', {
    field: 'id',
    expected: 'a new id, or the same content',
  })
