/**
 * Before and after, leaf by leaf: only what differs.
 */
import { COVER } from './cover.js'
import { Long, Some } from './long.js'

export interface Difference {
  readonly path: string
  /** Undefined: it was not there. */
  readonly before: unknown
  /** Undefined: it is gone. */
  readonly after: unknown
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Lists are compared whole. */
export function differences(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    return names.flatMap((name) => differences(before[name], after[name], path === '' ? name : `${path}.${name}`))
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ path, before, after }]
}

const inWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

interface DiffProps {
  readonly before: unknown
  readonly after: unknown
  /** What differs is named, its values are not shown. */
  readonly covered?: boolean
}

export function Diff({ before, after, covered = false }: DiffProps) {
  const said = (value: unknown) => <Long text={covered ? COVER : inWords(value)} />
  const found = differences(before, after)
  if (found.length === 0) return <p class="faint">Nothing differs.</p>
  return (
    <Some of={found}>
      {(shown) => (
        <dl class="diff">
          {shown.map((each) => (
            <div key={each.path}>
              <dt>{each.path}</dt>
              <dd>
                {each.before !== undefined && <del>{said(each.before)}</del>}
                {each.after !== undefined && <ins>{said(each.after)}</ins>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Some>
  )
}
