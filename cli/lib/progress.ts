/**
 * How far a long piece of work is, drawn over itself on a terminal.
 */
import { count, cut } from './text.js'

export interface Progressed {
  readonly done: number
  readonly failed: number
  /** From 0 to 1; null where the end is not known. */
  readonly share: number | null
  readonly milliseconds: number
  /** What was done; default `published`. */
  readonly verb?: string
}

const BAR = 24

/** `[########                ] 33%  1,234 published, 2 failed  5,600/s` */
export function progressLine(
  { done, failed, share, milliseconds, verb = 'published' }: Progressed,
  columns: number,
): string {
  const rate = milliseconds > 0 ? count((done * 1000) / milliseconds) : '0'
  const failures = failed > 0 ? `, ${count(failed)} failed` : ''
  return cut([barOf(share), `${count(done)} ${verb}${failures}`, `${rate}/s`].filter(Boolean).join('  '), columns - 1)
}

function barOf(share: number | null): string {
  if (share === null) return ''
  const within = Math.min(1, Math.max(0, share))
  const filled = Math.floor(within * BAR)
  return `[${'#'.repeat(filled)}${' '.repeat(BAR - filled)}] ${String(Math.floor(within * 100)).padStart(3)}%`
}

export interface Progress {
  draw(progressed: Progressed, now: number): void
  /** Takes the line away, so that something else can be written. */
  clear(): void
}

const BETWEEN = 100

/** Draws at most ten times a second; draws nothing where `write` is null. */
export function createProgress(write: ((text: string) => void) | null, columns: number): Progress {
  let last = Number.NEGATIVE_INFINITY
  let drawn = false
  return {
    draw(progressed, now) {
      if (!write || now - last < BETWEEN) return
      last = now
      drawn = true
      write(`\r${progressLine(progressed, columns)}\u001b[K`)
    },
    clear() {
      if (write && drawn) write('\r\u001b[K')
      drawn = false
      last = Number.NEGATIVE_INFINITY
    },
  }
}
