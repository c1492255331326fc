/**
 * A deadline that gets its timer when the loop has turned once: most promises are settled by then, and a timer set and
 * cleared for each costs more than the call it guards.
 */
export class Deadline {
  readonly #milliseconds: number
  readonly #late: () => void
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor(milliseconds: number, late: () => void) {
    this.#milliseconds = milliseconds
    this.#late = late
    begin(this)
  }

  get ended(): boolean {
    return this.#ended
  }

  /** It is kept, or past. */
  end(): void {
    this.#ended = true
    if (this.#timer !== undefined) clearTimeout(this.#timer)
  }

  arm(): void {
    if (!this.#ended) this.#timer = setTimeout(this.#late, this.#milliseconds)
  }
}

/** Without a timer yet. */
let begun: Deadline[] = []
let isTurning = false

/** A loop that does not turn for long must not gather those that ended meanwhile. */
const MANY = 1_000
let tidyAt = MANY

function begin(deadline: Deadline): void {
  if (begun.push(deadline) > tidyAt) {
    begun = begun.filter(({ ended }) => !ended)
    tidyAt = begun.length + MANY
  }
  if (isTurning) return
  isTurning = true
  setImmediate(armAll)
}

function armAll(): void {
  const turned = begun
  begun = []
  isTurning = false
  tidyAt = MANY
  for (const deadline of turned) deadline.arm()
}
