/**
 * A contest: ours and its peers measured in turn, so that what disturbs the machine disturbs all of them.
 */

/** Named figures of one run, such as `{ rate: 31000 }`. */
export type Figures = Readonly<Record<string, number>>
export type Measure = () => Promise<Figures>

/** One figure of a contest, as a line of the table. */
export interface Line {
  readonly work: string
  readonly unit: string
  readonly figure: string
  /** The least that `ours` divided by each peer should be; the most, where less is better. */
  readonly goal?: number
  /** Less is better. */
  readonly less?: true
  /** The least that `ours` should be. */
  readonly atLeast?: number
  /** The most that `ours` should be. */
  readonly atMost?: number
  /** Peers have no such figure. */
  readonly alone?: true
}

export interface Contest {
  readonly lines: readonly Line[]
  readonly ours: Measure
  readonly against?: Readonly<Record<string, Measure>>
  /** What can be reached at all where most of ours is left out: compared with, but no goal. */
  readonly limits?: Readonly<Record<string, Measure>>
  /** Peers that cannot be had here, and why. */
  readonly absent?: Readonly<Record<string, string>>
  /** At most so many runs: one takes minutes. */
  readonly runs?: number
  /** A first run of each, thrown away, so that everything is compiled. Default true. */
  readonly warm?: boolean
}

/** As `--json` prints it. Values are medians; a ratio is the median of the ratios of the runs. */
export interface Row extends Omit<Line, 'figure' | 'alone'> {
  readonly ours: number
  readonly against: Readonly<Record<string, number>>
  readonly ratio: Readonly<Record<string, number>>
  /** Those of `against` that the goal is not for. */
  readonly limits?: readonly string[]
  readonly absent?: Readonly<Record<string, string>>
  readonly runs: number
  /** Of ours. */
  readonly min: number
  readonly max: number
}

export async function hold(contest: Contest, wanted: number): Promise<readonly Row[]> {
  const { absent = {}, limits = {} } = contest
  const runs = Math.min(wanted, contest.runs ?? wanted)
  const peers = Object.entries({ ...contest.against, ...limits })
  const rounds: { readonly ours: Figures; readonly against: readonly Figures[] }[] = []
  for (let round = contest.warm === false ? 0 : -1; round < runs; round++) {
    const ours = await contest.ours()
    const against: Figures[] = []
    for (const [, measure] of peers) against.push(await measure())
    if (round >= 0) rounds.push({ ours, against })
  }
  return contest.lines.map(({ figure, alone, ...line }) => {
    const ours = rounds.map((round) => figureOf(round.ours, figure))
    const theirs = (alone ? [] : peers).map(([name], index) => {
      const values = rounds.map(({ against }) => figureOf(against[index], figure))
      return { name, values, ratios: values.map((value, round) => (ours[round] ?? 0) / value) }
    })
    return {
      ...line,
      ours: rounded(median(ours)),
      against: Object.fromEntries(theirs.map(({ name, values }) => [name, rounded(median(values))])),
      ratio: Object.fromEntries(theirs.map(({ name, ratios }) => [name, rounded(median(ratios))])),
      ...(Object.keys(limits).length > 0 && !alone && { limits: Object.keys(limits) }),
      ...(Object.keys(absent).length > 0 && { absent }),
      runs,
      min: rounded(Math.min(...ours)),
      max: rounded(Math.max(...ours)),
    }
  })
}

function figureOf(figures: Figures | undefined, name: string): number {
  const value = figures?.[name]
  if (value === undefined) throw new TypeError(`A measurement gave no figure ${name}.`)
  return value
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Three digits that count. */
const rounded = (value: number): number => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
