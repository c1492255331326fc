/**
 * Other nodes say that they left something that may be due. It is looked for at once; where somebody else had it already, the
 * next look for the like waits, longer each time that was in vain: else each commit of one node is a transaction of all others.
 */

/** Milliseconds that a look waits at most after one that was in vain. */
const LATEST = 250

export class Hearsay {
  readonly #look: () => void
  /** Milliseconds from a look in vain to the next. */
  #pause = 0
  #notBefore = 0
  /** A look has been asked for and has not ended. */
  #isAsked = false
  #timer: NodeJS.Timeout | undefined

  constructor(look: () => void) {
    this.#look = look
  }

  hear(): void {
    if (this.#timer !== undefined) return
    const wait = this.#notBefore - performance.now()
    if (wait <= 0) this.#ask()
    else this.#timer = setTimeout(() => this.#ask(), wait).unref()
  }

  /** A look has ended, whoever asked for it. */
  looked(hasFound: boolean): void {
    if (hasFound) this.#pause = 0
    else if (this.#isAsked) this.#pause = Math.min(LATEST, 2 * this.#pause + 1)
    if (this.#isAsked) this.#notBefore = performance.now() + this.#pause
    this.#isAsked = false
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #ask(): void {
    this.#timer = undefined
    this.#isAsked = true
    this.#look()
  }
}
