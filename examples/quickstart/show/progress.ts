/**
 * How far it is: a bar that redraws itself on a terminal, a line every three seconds elsewhere.
 */
import type { Ledger } from '../ledger.js'
import type { ReceiverProcess } from '../receiver-process.js'
import { count, type Screen } from './paint.js'

export interface Watched {
  readonly ledger: Ledger
  readonly receiver: ReceiverProcess
  /** Events in all. */
  readonly planned: number
}

/** Characters the words beside the bar take at most, with their margins. */
const WORDS = 68

/** @returns what ends it. */
export function follow({ say, redraw, paint, columns }: Screen, watched: Watched): () => void {
  const begun = Date.now()
  const words = () => wordsOf(watched, Date.now() - begun)
  const draw = redraw
    ? () => redraw(`  ${paint.good(barOf(watched, columns - WORDS))}  ${words().slice(0, WORDS - 4)}`)
    : () => say(`  ${words()}`)
  const timer = setInterval(draw, redraw ? 100 : 3_000)
  return () => {
    clearInterval(timer)
    draw()
    if (redraw) say()
    say()
  }
}

function barOf({ ledger, planned }: Watched, room: number): string {
  const width = Math.min(32, Math.max(8, room))
  const filled = Math.floor((ledger.entries.length / planned) * width)
  return '█'.repeat(filled) + '░'.repeat(width - filled)
}

function wordsOf({ ledger, receiver, planned }: Watched, milliseconds: number): string {
  const published = ledger.entries.length
  const rate = Math.round((published * 1_000) / Math.max(1, milliseconds))
  const words = [
    `${count(published).padStart(6)} of ${count(planned)} published`,
    `${count(receiver.counts.received).padStart(6)} delivered`,
    `${count(rate).padStart(5)}/s`,
  ]
  return [...words, ...(receiver.isBroken('doors') ? ['doors: 503'] : [])].join('  ')
}
