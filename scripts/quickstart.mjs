/**
 * `npm run quickstart`: installs and builds if need be, then shows the main job on real input.
 */
import { build, install, node } from './setup.mjs'

// With --json standard output holds one object and nothing else.
if (process.argv.includes('--json')) console.log = console.error
install()
build()
process.exit(node(['--import', 'tsx', 'examples/quickstart/main.ts', ...process.argv.slice(2)]))
