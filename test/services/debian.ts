/**
 * What Debian has and this machine has not: only root on Debian may add it.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const APT = 'apt-get'

/** Looks once more after the package was installed, where that is ours to do. */
export function afterInstalling<Found>(name: string, look: () => Found | null): Found | null {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return null
  process.stderr.write(`Installing ${name} …\n`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  try {
    execFileSync(APT, ['update', '-qq'], { env, stdio: 'ignore' })
    execFileSync(APT, ['install', '-y', '-qq', '--no-install-recommends', name], { env, stdio: 'ignore' })
  } catch {
    process.stderr.write(`${name} could not be installed.\n`)
  }
  return look()
}
