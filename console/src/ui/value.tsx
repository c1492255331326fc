/**
 * JSON as it is, with what the catalogue calls sensitive covered until somebody asks for it.
 */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'

export const COVER = '•••••'

/**
 * A copy with what lies under these paths covered.
 * @param paths dotted, as the catalogue writes them: `person.birthDate`
 */
export function covered(value: unknown, paths: readonly string[]): unknown {
  return paths.reduce((rest, path) => cover(rest, path.split('.')), value)
}

function cover(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return value === undefined ? undefined : COVER
  if (Array.isArray(value)) return value.map((each) => cover(each, [name, ...rest]))
  if (typeof value !== 'object' || value === null || !(name in value)) return value
  return { ...value, [name]: cover((value as Record<string, unknown>)[name], rest) }
}

interface CoveredProps {
  /** Whether there is anything to cover. */
  readonly covers: boolean
  readonly children: (open: boolean) => ComponentChildren
}

/** Covered first; who may read it uncovers it. */
export function Covered({ covers, children }: CoveredProps) {
  const [open, setOpen] = useState(false)
  return (
    <div class="value">
      {covers && (
        <button type="button" aria-pressed={open} onClick={() => setOpen(!open)}>
          {open ? 'Cover what is sensitive' : 'Show what is sensitive'}
        </button>
      )}
      {children(open || !covers)}
    </div>
  )
}

export function Value({ of, sensitive = [] }: { readonly of: unknown; readonly sensitive?: readonly string[] }) {
  const hidden = covered(of, sensitive)
  return (
    <Covered covers={JSON.stringify(hidden) !== JSON.stringify(of)}>
      {(open) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre tabIndex={0}>{JSON.stringify(open ? of : hidden, null, 2)}</pre>
      )}
    </Covered>
  )
}
