/**
 * What every script does first: install what is missing, build what is stale. Needs nothing but Node and npm.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Runs a command to its end with our output; answers its exit code. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', ...options })
  if (error) throw error
  return status ?? 1
}

export const node = (args, options) => run(process.execPath, args, options)

export function must(code, what) {
  if (code !== 0) {
    console.error(`${what} failed.`)
    process.exit(code)
  }
}

/** Standard output is for results: what is said on the way goes to standard error. */
const ASIDE = { stdio: ['inherit', 2, 'inherit'] }

const inRoot = (...parts) => join(ROOT, ...parts)

const changed = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0)

function newest(folder) {
  const files = readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /(?<!\.d)\.(tsx?|css|html|svg)$/.test(name),
  )
  return Math.max(...files.map((name) => changed(inRoot(folder, name))))
}

/** `npm ci`, unless what is installed is as new as the lock file. */
export function install() {
  if (changed(inRoot('node_modules', '.package-lock.json')) >= changed(inRoot('package-lock.json'))) return
  console.error('Installing …')
  must(run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], ASIDE), 'The installation')
}

/** Compiles to dist/, unless it is newer than every source. */
export function build() {
  const stamp = inRoot('dist', 'src', 'index.js')
  const sources = ['src', 'profiles', 'server', 'cli', 'console']
  if (changed(stamp) > Math.max(...sources.map(newest))) return
  console.error('Building …')
  must(node([inRoot('scripts', 'build.mjs')], ASIDE), 'The build')
}
