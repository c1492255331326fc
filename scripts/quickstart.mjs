/**
 * `npm run quickstart`: installs and builds if need be, then shows the main job on real input.
 * In this process, so that whoever ends it ends what it has started too.
 */
import { build, install } from './setup.mjs'

install()
build()
const { register } = await import('tsx/esm/api')
register()
await import('../examples/quickstart/main.ts')
