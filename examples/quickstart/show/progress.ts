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

const BAR = 24

/** @returns what ends it. */
export function follow({ say, redraw, paint, columns }: Screen, watched: Watched): () => void {
  const begun = Date.now()
  const text = () => progress(watched, Date.now() - begun)
  const drawn = () => {
    const [bar, words] = text()
    const room = columns - bar.length - 3
    return `  ${paint.good(bar)}${words.slice(0, room)}`
  }
  const draw = redraw ? () => redraw(drawn()) : () => say(`  ${text()[1].trimStart()}`)
  const timer = setInterval(draw, redraw ? 100 : 3_000)
  return () => {
    clearInterval(timer)
    draw()
    if (redraw) say()
    say()
  }
}

/** The bar, and the words beside it. */
function progress({ ledger, receiver, planned }: Watched, milliseconds: number): readonly [string, string] {
  const published = ledger.entries.length
  const filled = Math.floor((published / planned) * BAR)
  const rate = Math.round((published * 1_000) / Math.max(1, milliseconds))
  const state = receiver.isBroken('doors') ? '   doors is down: 503' : ''
  const words = [
    `  ${count(published).padStart(6)} of ${count(planned)} published`,
    `${count(receiver.counts.received).padStart(6)} delivered`,
    `${count(rate).padStart(5)} events/s`,
  ]
  return ['█'.repeat(filled) + '░'.repeat(BAR - filled), words.join('   ') + state]
}
