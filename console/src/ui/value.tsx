/**
 * A value in words, or as the JSON it is; with what the catalogue calls sensitive covered until somebody asks for it.
 */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { covered } from './cover.js'
import { Long } from './long.js'
import { Shown, type Titles } from './shown.js'

interface CoveredProps {
  /** Whether there is anything to cover. */
  readonly covers: boolean
  readonly children: (open: boolean) => ComponentChildren
  /** Further ways to look at it. */
  readonly ways?: ComponentChildren
}

/** Covered first; who may read it uncovers it. */
export function Covered({ covers, children, ways }: CoveredProps) {
  const [open, setOpen] = useState(false)
  return (
    <div class="value">
      {(covers || ways) && (
        <div class="buttons">
          {covers && (
            <button type="button" aria-pressed={open} onClick={() => setOpen(!open)}>
              {open ? 'Cover what is sensitive' : 'Show what is sensitive'}
            </button>
          )}
          {ways}
        </div>
      )}
      {children(open || !covers)}
    </div>
  )
}

interface ValueProps {
  readonly of: unknown
  readonly sensitive?: readonly string[]
  readonly titles?: Titles
  /** JSON from the start: where it is to be copied. */
  readonly raw?: boolean
}

export function Value({ of, sensitive = [], titles, raw = false }: ValueProps) {
  const [json, setJson] = useState(raw)
  const hidden = covered(of, sensitive)
  const ways = (
    <button type="button" class="plain" aria-pressed={json} onClick={() => setJson(!json)}>
      {json ? 'In words' : 'As JSON'}
    </button>
  )
  return (
    <Covered covers={JSON.stringify(hidden) !== JSON.stringify(of)} ways={typeof of === 'object' && of && ways}>
      {(open) => (json ? <Json of={open ? of : hidden} /> : <Shown of={open ? of : hidden} titles={titles} />)}
    </Covered>
  )
}

/** A few screens of it; it scrolls by itself. */
const MOST_JSON = 20_000

const Json = ({ of }: { readonly of: unknown }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
  <pre tabIndex={0}>
    <Long text={JSON.stringify(of, null, 2)} most={MOST_JSON} />
  </pre>
)
