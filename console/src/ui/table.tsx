/**
 * A page of rows. On a narrow screen each row becomes a card, its cells named by their column.
 */
import type { ComponentChildren } from 'preact'
import { go, to, usePlace } from '../router.js'

export interface Column<Row> {
  readonly name: string
  readonly cell: (row: Row) => ComponentChildren
  /** Holds what may be long, such as ids, and breaks it anywhere. */
  readonly long?: boolean
  /** Takes the room that is left, and may break words. */
  readonly wide?: boolean
}

export interface TableProps<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  keyOf(row: Row): string
}

export function Table<Row>({ label, columns, rows, keyOf }: TableProps<Row>) {
  return (
    <div class="table">
      <table aria-label={label}>
        <Head names={columns.map(({ name }) => name)} />
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ name, cell, wide, long }) => (
                <td key={name} data-label={name} class={wide ? 'wide' : long ? 'long' : undefined}>
                  <div>{cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** The column of buttons, which say themselves what they are. */
export const ACTIONS = 'Actions'

export const Head = ({ names }: { readonly names: readonly string[] }) => (
  <thead>
    <tr>
      {names.map((name) => (
        <th key={name} scope="col">
          {name === ACTIONS ? <span class="hidden">{name}</span> : name}
        </th>
      ))}
    </tr>
  </thead>
)

/** A list of a million rows is read a page at a time, from the newest on; the cursor is in the address. */
function turn(address: string): void {
  go(address)
  scrollTo(0, 0)
}

export function Pager({ next, shown }: { readonly next: string | null | undefined; readonly shown: number }) {
  const { page, query } = usePlace()
  const first = !query.has('cursor')
  if (first && !next) return null
  const at = (cursor: string | null) => {
    const { cursor: _, ...rest } = Object.fromEntries(query)
    const lists = Object.fromEntries(Object.keys(rest).map((name) => [name, query.getAll(name)]))
    return to(page, { ...lists, cursor })
  }
  return (
    <nav class="buttons pager" aria-label="Pages">
      {!first && (
        <>
          <a class="button" href={at(null)}>
            First page
          </a>
          <button type="button" onClick={() => history.back()}>
            Back
          </button>
        </>
      )}
      <span class="faint">{shown} shown</span>
      {next && (
        <button type="button" onClick={() => turn(at(next))}>
          Further ones
        </button>
      )}
    </nav>
  )
}
