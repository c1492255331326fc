/**
 * How many attempts a node makes at once. Receivers that have not answered yet, that fail or are slow have at most half of it, so
 * that the others find room whatever those do; and whoever only waits for a slow one gives its place to others.
 */
import type { Lane } from '../store/port.js'
import { keyOfLane } from './lanes.js'

/** Those that have given up their places, for each place: their sockets and events cost memory. */
const MOST_SLOW = 20

/** The place of an attempt that is under way. */
export interface Place {
  /** It only waits from now on, and keeps its place if too many wait already. True: others have it. */
  wait(): boolean
  leave(): void
}

export class Room {
  readonly #places: number
  /** Also those that are promised to tasks which a commit under way may hand over. */
  #taken = 0
  #ofUnwell = 0
  #waiting = 0
  /** Those promised to tasks of lanes that were not well. */
  readonly #promised = new Map<string, number>()

  constructor(places: number) {
    this.#places = places
  }

  /** Below zero where more was granted than there is. */
  left(isWell: boolean): number {
    const left = this.#places - this.#taken
    return isWell ? left : Math.min(left, Math.ceil(this.#places / 2) - this.#ofUnwell)
  }

  promise(lane: Lane, isWell: boolean): void {
    this.#take(isWell)
    if (isWell) return
    const key = keyOfLane(lane)
    this.#promised.set(key, (this.#promised.get(key) ?? 0) + 1)
  }

  /** It is given back, or taken by an attempt. */
  release(lane: Lane): void {
    const key = keyOfLane(lane)
    const promised = this.#promised.get(key) ?? 0
    this.#give(promised === 0)
    if (promised > 1) this.#promised.set(key, promised - 1)
    else this.#promised.delete(key)
  }

  enter(isWell: boolean): Place {
    this.#take(isWell)
    let isWaiting = false
    return {
      wait: () => {
        if (this.#waiting >= this.#places * MOST_SLOW) return false
        isWaiting = true
        this.#waiting += 1
        this.#give(isWell)
        return true
      },
      leave: () => {
        if (isWaiting) this.#waiting -= 1
        else this.#give(isWell)
      },
    }
  }

  #take(isWell: boolean): void {
    this.#taken += 1
    if (!isWell) this.#ofUnwell += 1
  }

  #give(isWell: boolean): void {
    this.#taken -= 1
    if (!isWell) this.#ofUnwell -= 1
  }
}
