/**
 * `npm run bench -- NAME [--json] [--runs N] [--quick] [--only TEXT]`
 */
import { parseArgs } from 'node:util'
import { type Contest, hold, type Row } from './contest.js'
import { spine } from './spine/spine.js'
import { printTable } from './table.js'

/** `scale` divides the amount of work. */
const BENCHES: Readonly<Record<string, (scale: number) => readonly Contest[]>> = { spine }

const QUICK = 50

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
})
const [name = ''] = positionals
const bench = BENCHES[name]
const runs = Number(values.runs ?? (values.quick ? 1 : 5))
if (!bench || !(Number.isInteger(runs) && runs > 0)) {
  console.error(`npm run bench -- ${Object.keys(BENCHES).join(' | ')} [--json] [--runs N] [--quick] [--only TEXT]`)
  process.exit(2)
}
const contests = bench(values.quick ? QUICK : 1).filter(({ lines }) =>
  lines.some(({ work }) => work.includes(values.only)),
)
const rows: Row[] = []
for (const contest of contests) {
  process.stderr.write(`${contest.lines.map(({ work }) => work).join(', ')} …\n`)
  rows.push(...(await hold(values.quick ? { ...contest, warm: false } : contest, runs)))
}
if (values.json) console.log(JSON.stringify(rows, null, 2))
else printTable(rows)
