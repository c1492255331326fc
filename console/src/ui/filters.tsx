/**
 * What a list shows, kept in the address: it can be bookmarked, sent to somebody, and gone back to.
 */
import type { ComponentChildren } from 'preact'
import { useId, useState } from 'preact/hooks'
import { go, to, usePlace } from '../router.js'

/** The part of the address a list asks the server by; several values make a list. */
export function queryOf(query: URLSearchParams, names: readonly string[]): Readonly<Record<string, string | string[]>> {
  const pairs = names.flatMap((name) => {
    const values = query.getAll(name).filter((value) => value !== '')
    return values.length === 0 ? [] : [[name, values.length === 1 ? (values[0] ?? '') : values] as const]
  })
  return Object.fromEntries(pairs)
}

interface FiltersProps {
  readonly page: string
  readonly children: ComponentChildren
}

export function Filters({ page, children }: FiltersProps) {
  const { query } = usePlace()
  const [open, setOpen] = useState(false)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const pairs = [...new FormData(form)].map(([name, value]) => [name, asSent(form, name, String(value))] as const)
    go(to(page, Object.fromEntries(pairs)))
  }
  return (
    <>
      <button type="button" class="narrow" aria-expanded={open} onClick={() => setOpen(!open)}>
        Filter …
      </button>
      <form class={`filters folds ${open ? 'open' : ''}`} onSubmit={submit} key={query.toString()} aria-label="Filter">
        {children}
        <div class="buttons">
          <button type="submit" class="main">
            Show
          </button>
          {[...query.keys()].some((name) => name !== 'tenant') && (
            <a class="button" href={to(page)}>
              Clear
            </a>
          )}
        </div>
      </form>
    </>
  )
}

/** A time of the viewer's zone, as the API takes it (RFC 3339). */
function asSent(form: HTMLFormElement, name: string, value: string): string {
  const isTime =
    form.elements.namedItem(name) instanceof HTMLInputElement && value !== '' && !Number.isNaN(Date.parse(value))
  const input = form.elements.namedItem(name) as HTMLInputElement
  return isTime && input.type === 'datetime-local' ? new Date(value).toISOString() : value
}

/** What is asked for less often; open when any of it is set. */
export function Further({
  names,
  children,
}: {
  readonly names: readonly string[]
  readonly children: ComponentChildren
}) {
  const { query } = usePlace()
  return (
    <details class="further" open={names.some((name) => query.has(name))}>
      <summary>Further</summary>
      <div class="filters">{children}</div>
    </details>
  )
}

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly words?: readonly string[]
  readonly kind?: 'text' | 'time'
  /** Shown only when it is set. */
  readonly rare?: boolean
}

export function Field({ name, label, hint, words, kind = 'text', rare = false }: FieldProps) {
  const id = useId()
  const { query } = usePlace()
  const value = query.get(name) ?? ''
  if (rare && value === '') return null
  return (
    <div>
      <label for={id}>{label}</label>
      {words ? (
        <Words id={id} name={name} words={words} chosen={query.getAll(name)} />
      ) : kind === 'time' ? (
        <input id={id} name={name} type="datetime-local" step={1} defaultValue={localTime(value)} />
      ) : (
        <input id={id} name={name} placeholder={hint} defaultValue={value} />
      )}
    </div>
  )
}

interface WordsProps {
  readonly id: string
  readonly name: string
  readonly words: readonly string[]
  readonly chosen: readonly string[]
}

const Words = ({ id, name, words, chosen }: WordsProps) => (
  <select id={id} name={name}>
    <option value="">{chosen.length > 1 ? chosen.join(' or ') : 'any'}</option>
    {words.map((word) => (
      <option key={word} value={word} selected={chosen.length === 1 && word === chosen[0]}>
        {word}
      </option>
    ))}
  </select>
)

/** As the browser's own field wants it: the viewer's zone, without saying so. */
function localTime(text: string): string {
  const time = Date.parse(text)
  if (Number.isNaN(time)) return ''
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
