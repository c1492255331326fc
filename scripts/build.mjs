/**
 * Compiles the package to dist/, the web console in it, and makes the command executable. Our own modules are joined into few:
 * the time a start takes is mostly that of finding and reading files. What else we use is installed beside us, so that its
 * owner can replace it; but the schema builder alone is hundreds of files, and is joined too.
 */
import { chmodSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'rolldown'
import { must, node, ROOT } from './setup.mjs'

/** What is imported, run as a command or started as a thread or process: each one folder below dist/ (src/built.ts). */
const ENTRIES = {
  'cli/main': 'cli/main.ts',
  'profiles/index': 'profiles/index.ts',
  'programs/isolate-child': 'src/plugins/isolate-child.ts',
  'programs/isolated-instance': 'src/plugins/isolated-instance.ts',
  'programs/sqlite-store': 'src/store/sqlite/worker.ts',
  'programs/sqlite-target': 'src/transports/sql/sqlite-worker.ts',
  'server/app': 'server/app.ts',
  'src/index': 'src/index.ts',
  'src/testing': 'src/testing.ts',
}
const JOINED = /^[./]|^typebox\b/

const dist = join(ROOT, 'dist')
rmSync(dist, { recursive: true, force: true })
must(node([join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']), 'The compiler')
await build({
  cwd: ROOT,
  input: ENTRIES,
  platform: 'node',
  external: (id) => !JOINED.test(id),
  output: { dir: dist, chunkFileNames: 'chunks/[name]-[hash].js', sourcemap: true },
})
must(
  node([join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '-c', 'console/vite.config.ts']),
  'The console',
)
chmodSync(join(dist, 'cli', 'main.js'), 0o755)
const now = new Date()
utimesSync(join(dist, 'src', 'index.js'), now, now)
