/**
 * What some tests need of the machine. Absent, they are skipped by name; with TOCSIN_REQUIRE_SERVICES=1 they fail.
 */
import { spawnSync } from 'node:child_process'

export interface Need {
  readonly there: boolean
  /** For the name of the test that is skipped. */
  readonly without: string
}

const works = (program: string, ...args: readonly string[]): boolean => spawnSync(program, args).status === 0

/** Whether it may trace at all is tried, not asked: containers often forbid it. */
export const STRACE: Need = {
  there: process.platform === 'linux' && works('strace', '-f', '-o', '/dev/null', 'true'),
  without: 'strace, or the right to use it',
}

export const ROOT: Need = {
  there:
    process.platform === 'linux' &&
    process.getuid?.() === 0 &&
    works('unshare', '--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp'),
  without: 'root, or the right to mount',
}

const REQUIRED = process.env.TOCSIN_REQUIRE_SERVICES === '1'

/** For `describe.skipIf`. */
export const isLacking = ({ there }: Need): boolean => !there && !REQUIRED

export const named = (title: string, { there, without }: Need): string =>
  there ? title : `${title} (needs ${without})`
