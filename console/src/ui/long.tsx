/**
 * What may be very long begins with its beginning; the rest is there for whoever asks.
 */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { count } from './time.js'

/** More characters make a page of its own. */
const MOST_TEXT = 4_000

export function Long({ text, most = MOST_TEXT }: { readonly text: string; readonly most?: number }) {
  const [all, show] = useState(false)
  if (all || text.length <= most) return <>{text}</>
  return (
    <>
      {/* Not in the middle of a character. */}
      {text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')}…{' '}
      <button type="button" class="plain" onClick={() => show(true)}>
        Show all {count(text.length)} characters
      </button>
    </>
  )
}

const AT_ONCE = 100

interface SomeProps<Item> {
  readonly of: readonly Item[]
  children(shown: readonly Item[]): ComponentChildren
}

export function Some<Item>({ of, children }: SomeProps<Item>) {
  const [most, show] = useState(AT_ONCE)
  const left = of.length - most
  if (left <= 0) return <>{children(of)}</>
  return (
    <>
      {children(of.slice(0, most))}
      <button type="button" class="plain" onClick={() => show(most + AT_ONCE)}>
        Show {Math.min(AT_ONCE, left)} of {count(left)} further ones
      </button>
    </>
  )
}
