/**
 * A number over the last minutes, as a line. The newest value stands beside it in words.
 */
import { useEffect, useState } from 'preact/hooks'

interface SparkProps {
  readonly label: string
  /** Oldest first; null where nothing is known. */
  readonly points: readonly (number | null)[]
  readonly shown: string
}

const WIDTH = 240
const HEIGHT = 48
/** So many points fill the width; fewer begin at the right. */
export const SPARK_POINTS = 60

/** The last answers, oldest first: as many as a line shows, and one before. */
export function useHistory<Data>(data: Data | undefined): readonly Data[] {
  const [seen, set] = useState<readonly Data[]>([])
  useEffect(() => {
    if (data !== undefined) set((before) => [...before, data].slice(-SPARK_POINTS - 1))
  }, [data])
  return seen
}

export function Spark({ label, points, shown }: SparkProps) {
  const most = Math.max(1e-9, ...points.map((point) => point ?? 0))
  const x = (index: number) => WIDTH - ((points.length - 1 - index) * WIDTH) / (SPARK_POINTS - 1)
  const y = (value: number) => HEIGHT - 3 - (value / most) * (HEIGHT - 8)
  const known = points.flatMap((value, index) =>
    value === null ? [] : [`${x(index).toFixed(1)},${y(value).toFixed(1)}`],
  )
  const first = known[0]?.split(',')[0]
  return (
    <figure class="spark">
      <figcaption>
        <span>{label}</span> <strong>{shown}</strong>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={`${label}: ${shown}`}>
        {known.length > 1 && (
          <polygon class="area" points={`${first},${HEIGHT} ${known.join(' ')} ${WIDTH},${HEIGHT}`} />
        )}
        <polyline points={known.join(' ')} />
      </svg>
    </figure>
  )
}
