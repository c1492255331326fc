/**
 * Which orders change when one of a line is put at another place: as few as can be.
 */

interface Placed {
  readonly name: string
  readonly order: number
}

export interface Move {
  readonly name: string
  readonly from: number
  readonly to: number
}

/**
 * @param line ascending by order
 * @param index its place in the line afterwards
 */
export function moved(line: readonly Placed[], name: string, index: number): readonly Move[] {
  const one = line.find((each) => each.name === name)
  if (!one || line[index] === one) return []
  const rest = line.filter((each) => each !== one)
  const [before, after] = [rest.slice(0, index), rest.slice(index)]
  const order = between(before.at(-1)?.order, after[0]?.order, one.order)
  const moves = [{ name, from: one.order, to: order }, ...pushed(after, order)]
  return moves.filter(({ from, to }) => from !== to)
}

/** A number between two; where there is none the one after the first, and what follows makes room. */
function between(low: number | undefined, high: number | undefined, own: number): number {
  if (low === undefined) return high === undefined ? own : beside(high, own)
  if (high === undefined) return low + 1
  return high - low > 1 ? Math.floor((low + high) / 2) : low + 1
}

/** Before all others, and not before 0 for their sake alone. */
const beside = (high: number, own: number): number => (own >= 0 && high >= 0 ? Math.max(0, high - 1) : high - 1)

function pushed(line: readonly Placed[], last: number): readonly Move[] {
  const [first, ...rest] = line
  if (!first || first.order > last) return []
  return [{ name: first.name, from: first.order, to: last + 1 }, ...pushed(rest, last + 1)]
}
