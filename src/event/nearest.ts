/**
 * The known word that a mistyped one probably meant.
 */

/** Null when nothing is near: a wrong hint is worse than none. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map((candidate) => ({ candidate, steps: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((one, other) => one.steps - other.steps)
  const best = ranked[0]
  return best && best.steps <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : null
}

/** ` Did you mean "x"?`, or nothing. */
export function hint(word: string, known: readonly string[]): string {
  const best = nearest(word.slice(0, 100), known)
  return best === null ? '' : ` Did you mean ${JSON.stringify(best)}?`
}

/** Optimal string alignment: insertions, removals, replacements and swaps of neighbours. */
function distance(one: string, other: string): number {
  const steps = Array.from({ length: one.length + 1 }, (_, i) => [i, ...Array<number>(other.length).fill(0)])
  const at = (i: number, j: number): number => (i === 0 ? j : (steps[i]?.[j] ?? 0))
  for (let i = 1; i <= one.length; i++) {
    for (let j = 1; j <= other.length; j++) {
      const replaced = at(i - 1, j - 1) + (one[i - 1] === other[j - 1] ? 0 : 1)
      const swaps = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const swapped = swaps ? at(i - 2, j - 2) + 1 : replaced
      steps[i]?.splice(j, 1, Math.min(replaced, swapped, at(i - 1, j) + 1, at(i, j - 1) + 1))
    }
  }
  return at(one.length, other.length)
}
