/**
 * The peers' packages: in a folder of their own beside their lock file, installed when they are first asked for.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const FOLDER = new URL('../../peers/', import.meta.url)
const inFolder = (path: string) => fileURLToPath(new URL(path, FOLDER))
const peers = createRequire(inFolder('package.json'))

/** @throws Error if they cannot be installed */
export function installPeers(): void {
  if (changed('node_modules/.package-lock.json') >= changed('package-lock.json')) return
  process.stderr.write('Installing the peers …\n')
  // Not `ci`: it refuses the lock file where a registry lacks a package that is for other platforms only.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', args, { cwd: fileURLToPath(FOLDER), stdio: ['ignore', 2, 2] })
}

const changed = (path: string): number => (existsSync(inFolder(path)) ? statSync(inFolder(path)).mtimeMs : 0)

/** The root project does not have them, so their types are not there to be checked either. */
export const load = <Module>(name: string): Module => peers(name) as Module

/** As pinned, such as `pg-boss 10.4.2`. */
export function titleOf(name: string): string {
  const { dependencies } = JSON.parse(readFileSync(inFolder('package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  return `${name} ${dependencies[name]}`
}
