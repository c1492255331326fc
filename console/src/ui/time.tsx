/**
 * Moments in the zone of who looks; the exact instant in UTC shows on hover and is read aloud.
 */
import { None } from './name.js'

const DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const FULL_DAY = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })
const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
})
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' })

export function Time({ at, fine = false }: { readonly at: string | null | undefined; readonly fine?: boolean }) {
  if (!at) return <None />
  const moment = new Date(at)
  const clock = CLOCK.format(moment) + (fine ? `.${String(moment.getMilliseconds()).padStart(3, '0')}` : '')
  return (
    <time dateTime={at} title={`${moment.toISOString()}\n${EXACT.format(moment)}`}>
      {dayOf(moment)}
      {clock}
    </time>
  )
}

/** Today goes without saying. */
function dayOf(moment: Date): string {
  const now = new Date()
  if (moment.toDateString() === now.toDateString()) return ''
  return `${(moment.getFullYear() === now.getFullYear() ? DAY : FULL_DAY).format(moment)}, `
}

/** `850 ms`, `4.2 s`, `3 min`, `2 h`, `5 d`. */
export function span(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${Number((milliseconds / 1_000).toFixed(1))} s`
  if (milliseconds < 3_600_000) return `${Math.round(milliseconds / 60_000)} min`
  if (milliseconds < 172_800_000) return `${Math.round(milliseconds / 3_600_000)} h`
  return `${Math.round(milliseconds / 86_400_000)} d`
}

const NUMBER = new Intl.NumberFormat()
export const count = (number: number): string => NUMBER.format(number)
export const many = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`
