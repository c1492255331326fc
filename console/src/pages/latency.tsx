/**
 * How long publishing and delivering take on this node, from the histograms of its metrics.
 */
import { api, ask } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { Spark, useHistory } from '../ui/spark.js'
import { span } from '../ui/time.js'
import { type Buckets, bucketsOf, quantile } from './prometheus.js'

const EVERY = 5_000

const HISTOGRAMS = [
  ['95 % accepted within', 'tocsin_publish_seconds'],
  ['95 % of attempts within', 'tocsin_attempt_seconds'],
] as const

export function Latency() {
  const { data } = useAsk(
    async () => {
      const text = await ask(api.GET('/metrics', { parseAs: 'text' }))
      return HISTOGRAMS.map(([, name]) => bucketsOf(String(text), name))
    },
    [],
    EVERY,
  )
  const seen = useHistory(data)
  return (
    <>
      {HISTOGRAMS.map(([label], index) => (
        <Over key={label} label={label} seen={seen.map((each) => each[index] ?? [])} />
      ))}
    </>
  )
}

function Over({ label, seen }: { readonly label: string; readonly seen: readonly Buckets[] }) {
  const points = seen.slice(1).map((now, index) => quantile(0.95, now, seen[index]))
  // Until something happens before our eyes: since the node began.
  const last = points.findLast((point) => point !== null) ?? quantile(0.95, seen.at(-1) ?? [])
  return <Spark label={label} points={points} shown={last === null ? '–' : span(last * 1_000)} />
}
