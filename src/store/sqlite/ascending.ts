/**
 * Numbers in ascending order. Most are added at the end and taken from the front, where it costs the same however many there are.
 */
export class Ascending {
  readonly #numbers: number[]
  /** Those before have been taken. */
  #from = 0

  constructor(...numbers: number[]) {
    this.#numbers = numbers
  }

  get size(): number {
    return this.#numbers.length - this.#from
  }

  first(): number | undefined {
    return this.#numbers[this.#from]
  }

  /** The first so many. */
  values(most = this.size): readonly number[] {
    return this.#numbers.slice(this.#from, this.#from + most)
  }

  /** False if it is there already. */
  add(number: number): boolean {
    const last = this.#numbers.at(-1)
    if (this.size === 0 || last === undefined || last < number) {
      this.#numbers.push(number)
      return true
    }
    const index = this.#search(number)
    if (this.#numbers[index] === number) return false
    this.#numbers.splice(index, 0, number)
    return true
  }

  /** False if it is not there. */
  delete(number: number): boolean {
    const index = this.#search(number)
    if (this.#numbers[index] !== number) return false
    if (index === this.#from) this.#takeFirst()
    else this.#numbers.splice(index, 1)
    return true
  }

  /** What has been taken is given up when it is the greater part. */
  #takeFirst(): void {
    this.#from += 1
    if (this.#from * 2 < this.#numbers.length) return
    this.#numbers.splice(0, this.#from)
    this.#from = 0
  }

  /** The index of the first that is not smaller. */
  #search(number: number): number {
    let low = this.#from
    let high = this.#numbers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#numbers[middle] ?? 0) < number) low = middle + 1
      else high = middle
    }
    return low
  }
}
