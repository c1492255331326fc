/**
 * Compiles the package to dist/, the web console in it, and makes the command executable.
 */
import { chmodSync, existsSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { must, node, ROOT } from './setup.mjs'

rmSync(join(ROOT, 'dist'), { recursive: true, force: true })
must(node([join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']), 'The compiler')
must(
  node([join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '-c', 'console/vite.config.ts']),
  'The console',
)
const command = join(ROOT, 'dist', 'cli', 'main.js')
if (existsSync(command)) chmodSync(command, 0o755)
const now = new Date()
utimesSync(join(ROOT, 'dist', 'src', 'index.js'), now, now)
