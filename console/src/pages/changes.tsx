/**
 * What an event changed: from `data.before` and the patch `data.changes` (RFC 6902), or from `data.after`.
 */
import { covered } from '../ui/cover.js'
import { Diff } from '../ui/diff.js'
import { Covered } from '../ui/value.js'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

interface Operation {
  readonly op: string
  readonly path: string
  readonly value?: unknown
}

const isOperation = (value: unknown): value is Operation =>
  isObject(value) && typeof value.op === 'string' && typeof value.path === 'string'

/** Before and after the change, cut down to what it names; null: it names nothing. */
export function beforeAndAfter(data: unknown): readonly [before: unknown, after: unknown] | null {
  if (!isObject(data)) return null
  if ('after' in data && 'before' in data) return [data.before, data.after]
  if (!Array.isArray(data.changes)) return null
  const operations = data.changes.filter(isOperation)
  const named = (value: (operation: Operation) => unknown) =>
    Object.fromEntries(operations.map((each) => [each.path.slice(1).replaceAll('/', '.'), value(each)]))
  return [named(({ path }) => at(data.before, path)), named(({ op, value }) => (op === 'remove' ? undefined : value))]
}

/** RFC 6901. */
function at(value: unknown, pointer: string): unknown {
  const names = pointer.split('/').slice(1)
  return names.reduce<unknown>(
    (rest, name) =>
      typeof rest === 'object' && rest !== null
        ? (rest as Record<string, unknown>)[name.replaceAll('~1', '/').replaceAll('~0', '~')]
        : undefined,
    value,
  )
}

export function Changes({ of, sensitive }: { readonly of: unknown; readonly sensitive: readonly string[] }) {
  const both = beforeAndAfter(of)
  if (both === null) return null
  const isSensitive = JSON.stringify(beforeAndAfter(covered(of, sensitive))) !== JSON.stringify(both)
  return (
    <section class="card">
      <h2>What changed</h2>
      <Covered covers={isSensitive}>{(open) => <Diff before={both[0]} after={both[1]} covered={!open} />}</Covered>
    </section>
  )
}
