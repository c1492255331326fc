/**
 * Where the tour is written, and how: colour and redrawing on a terminal alone.
 */
import type { WriteStream } from 'node:tty'

export interface Screen {
  /** A line, or several. */
  say(text?: string): void
  /** Lets the next line take this one's place; null where that cannot be. */
  readonly redraw: ((text: string) => void) | null
  readonly columns: number
  readonly paint: Paint
}

export interface Paint {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
}

/** @param stream of the process; `NO_COLOR` (https://no-color.org) is heeded. */
export function screenOn(stream: NodeJS.WriteStream | WriteStream): Screen {
  const terminal = stream.isTTY === true
  return {
    say: (text = '') => void stream.write(`${text}\n`),
    redraw: terminal ? (text) => void stream.write(`\r${text}\u001b[K`) : null,
    columns: terminal ? stream.columns || 80 : 100,
    paint: paintIf(terminal && !process.env.NO_COLOR),
  }
}

/** SGR codes (ECMA-48, section 8.3.117). */
const paintIf = (coloured: boolean): Paint => {
  const code = (on: number, off: number) => (text: string) => (coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text)
  return { strong: code(1, 22), faint: code(2, 22), good: code(32, 39), bad: code(31, 39), warn: code(33, 39) }
}

export const count = (value: number): string => value.toLocaleString('en-GB')

/** Lines no longer than that, broken between words. */
export function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

export const many = (value: number, one: string, several = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : several}`

/** `12 ms`, `2.3 s`. */
export const span = (milliseconds: number | null): string => {
  if (milliseconds === null) return '-'
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${(milliseconds / 1_000).toFixed(1)} s`
}
