/**
 * `npm run bench -- NAME [--json] [--runs N] [--quick] [--only TEXT] [--peers NAMES]`
 * `registry` takes its sizes too: `[--resources N] [--links N] [--subscribers N]`; `capture` its: `[--changes N]`.
 */
import { parseArgs } from 'node:util'
import { type Contest, hold, type Row } from './contest.js'
import { PEERS, type Peer } from './queue/contender.js'
import { printTable } from './table.js'

interface Bench {
  readonly contests: readonly Contest[]
  close(): Promise<void>
}

/** `scale` divides the amount of work. Each reads only what it measures: reading all of it takes longer than a quick run. */
const BENCHES: Readonly<Record<string, (scale: number, peers: readonly Peer[]) => Promise<Bench>>> = {
  async spine(scale) {
    const { spine } = await import('./spine/spine.js')
    return { contests: spine(scale), close: async () => undefined }
  },
  async deliveries(scale) {
    const { deliveries } = await import('./deliveries/deliveries.js')
    return deliveries(scale)
  },
  async hostile(scale) {
    const { hostile } = await import('./hostile/hostile.js')
    return { contests: hostile(Math.max(1, 30 / scale)), close: async () => undefined }
  },
  async queue(scale, peers) {
    const [{ openField }, { queue }] = await Promise.all([import('./queue/field.js'), import('./queue/queue.js')])
    const field = await openField(peers)
    return { contests: queue(field, scale), close: field.close }
  },
  async postgres(scale, peers) {
    const [{ openPostgresField }, { postgres }] = await Promise.all([
      import('./postgres/field.js'),
      import('./postgres/postgres.js'),
    ])
    const field = await openPostgresField(peers)
    return { contests: postgres(field, scale), close: field.close }
  },
  async aws(scale) {
    const { openAws } = await import('./aws/aws.js')
    return openAws(scale)
  },
  async capture(scale) {
    const { openCapture } = await import('./capture/capture.js')
    return openCapture({
      changes: sizeOr(values.changes, 1_000_000 / scale),
      seconds: 10 / scale,
      statements: Math.ceil(2_000 / scale),
    })
  },
  async registry(scale) {
    const { openRegistry } = await import('./registry/registry.js')
    return openRegistry({
      resources: sizeOr(values.resources, 1_000_000 / scale),
      links: sizeOr(values.links, 3_000_000 / scale),
      subscribers: sizeOr(values.subscribers, 1_000 / scale),
    })
  },
}

const QUICK = 50

// tsx has them read, and the first error that is thrown would stand still for them: a quarter of a second.
process.setSourceMapsEnabled(false)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    peers: { type: 'string', default: 'all' },
    resources: { type: 'string' },
    links: { type: 'string' },
    subscribers: { type: 'string' },
    changes: { type: 'string' },
  },
})
const [name = ''] = positionals
const open = BENCHES[name]
const runs = Number(values.runs ?? (values.quick ? 1 : 5))
const peers = peersIn(values.peers)
if (!open || !peers || !(Number.isInteger(runs) && runs > 0)) {
  const options = '[--json] [--runs N] [--quick] [--only TEXT]'
  console.error(`npm run bench -- ${Object.keys(BENCHES).join(' | ')} ${options} [--peers all|none|${PEERS.join(',')}]`)
  process.exit(2)
}
// While it opens, what it has started ends with the process.
let bench: Bench = { contests: [], close: async () => undefined }
for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
  process.once(signal, () => void bench.close().finally(() => process.exit(code)))
}
bench = await open(values.quick ? QUICK : 1, peers)
try {
  const rows = await held(bench.contests)
  if (values.json) console.log(JSON.stringify(rows, null, 2))
  else printTable(rows)
} finally {
  await bench.close()
}

function sizeOr(text: string | undefined, usual: number): number {
  const size = Number(text ?? usual)
  if (Number.isInteger(size) && size >= 2) return size
  console.error(`A size is a whole number from 2 on, not ${text}.`)
  process.exit(2)
}

/** Null if there is one that is not known. */
function peersIn(text: string): readonly Peer[] | null {
  if (text === 'all') return PEERS
  const names = text === 'none' ? [] : text.split(',')
  const known = PEERS.filter((peer) => names.includes(peer))
  return known.length === new Set(names).size ? known : null
}

async function held(contests: readonly Contest[]): Promise<readonly Row[]> {
  const rows: Row[] = []
  for (const contest of contests) {
    if (!contest.lines.some(({ work }) => work.includes(values.only))) continue
    process.stderr.write(`${contest.lines.map(({ work }) => work).join(', ')} …\n`)
    rows.push(...(await hold(values.quick ? { ...contest, warm: false } : contest, runs)))
  }
  return rows
}
