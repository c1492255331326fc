/**
 * Items in order, found by binary search. Most are added at the end and taken from the front, where it is cheap.
 */
export type Compare<T> = (a: T, b: T) => number

export class SortedList<T> {
  readonly #items: T[] = []
  readonly #compare: Compare<T>

  constructor(compare: Compare<T>) {
    this.#compare = compare
  }

  get size(): number {
    return this.#items.length
  }

  first(): T | undefined {
    return this.#items[0]
  }

  last(): T | undefined {
    return this.#items.at(-1)
  }

  at(index: number): T | undefined {
    return this.#items[index]
  }

  add(item: T): void {
    const last = this.#items.at(-1)
    if (last === undefined || this.#compare(last, item) < 0) this.#items.push(item)
    else this.#items.splice(this.countUpTo(item), 0, item)
  }

  delete(item: T): boolean {
    const index = this.countBefore(item)
    const found = this.#items[index]
    if (found === undefined || this.#compare(found, item) !== 0) return false
    if (index === 0) this.#items.shift()
    else this.#items.splice(index, 1)
    return true
  }

  /** How many are smaller than `bound`: the index of the first that is not. */
  countBefore(bound: T): number {
    return this.#search((item) => this.#compare(item, bound) < 0)
  }

  /** How many are not greater than `bound`: the index of the first that is. */
  countUpTo(bound: T): number {
    return this.#search((item) => this.#compare(item, bound) <= 0)
  }

  /** From `start` on, upwards. */
  *upFrom(start: number): Generator<T> {
    for (let index = start; index < this.#items.length; index++) yield this.#items[index] as T
  }

  /** From just before `end`, downwards. */
  *downFrom(end: number): Generator<T> {
    for (let index = end - 1; index >= 0; index--) yield this.#items[index] as T
  }

  #search(goesOn: (item: T) => boolean): number {
    let low = 0
    let high = this.#items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (goesOn(this.#items[middle] as T)) low = middle + 1
      else high = middle
    }
    return low
  }
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff

/** Order of code points, as databases compare UTF-8; plain `<` compares UTF-16 units and differs above U+FFFF. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left === right) continue
    if (isSurrogate(left) !== isSurrogate(right)) return isSurrogate(left) ? 1 : -1
    return left - right
  }
  return a.length - b.length
}
