/**
 * What begins in one turn of the loop: so much that others are heard too. Receivers that are well come before those that fail,
 * are slow or have not answered yet, which keep a share of the turns all the same.
 */

/** Attempts that may begin in one turn at receivers that are well; at others it is one, so that everybody is answered between. */
const MOST = 50
/** Of so many turns one is whoever's it is. */
const SHARED = 8

export class Turns {
  readonly #begin: () => void
  /** Attempts begun in this one. */
  #begun = 0
  /** Whether those were at receivers that are well. */
  #ofWell = true
  #count = 0
  #isComing = false

  /** @param begin called in each turn that was asked for */
  constructor(begin: () => void) {
    this.#begin = begin
  }

  get isOver(): boolean {
    return this.#begun >= MOST
  }

  comesFirst(isWell: boolean): boolean {
    return isWell || this.#count % SHARED === 0
  }

  /** What begins in one turn leaves together: those that are well do not wait for what is sent to others. */
  fits(isWell: boolean): boolean {
    return this.#begun === 0 || this.#ofWell === isWell
  }

  took(isWell: boolean): void {
    this.#ofWell = isWell
    this.#begun += isWell ? 1 : MOST
    this.ask()
  }

  /** There shall be another. */
  ask(): void {
    if (this.#isComing) return
    this.#isComing = true
    setImmediate(() => {
      this.#isComing = false
      this.#begun = 0
      this.#count += 1
      this.#begin()
    })
  }
}
