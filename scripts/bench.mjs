/**
 * `npm run bench -- NAME [--json]`: measures, against peers and against the raw store in the same run.
 */
import { build, install, node } from './setup.mjs'

if (process.argv.includes('--json')) console.log = console.error
install()
build()
process.exit(node(['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)]))
