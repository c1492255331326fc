/**
 * Which events are alike: of two that wait for the same asynchronous processors only the newer needs to be worked on.
 * They are, if subject, type, parent type, extensions and data agree; what names the message or only tells the present
 * state (`TypeDefinition.state`) does not count, nor do id, times, transaction, root, priority, actor and trace.
 */
import type { TypeDefinition } from '../event/catalogue.js'
import type { AnyEvent } from '../event/envelope.js'
import { canonical, sha256 } from '../intake/canonical.js'

/** Members to leave out; null: the whole member. */
type Without = ReadonlyMap<string, Without | null>

/**
 * SHA-256 in base64url, equal for events that are alike; null: it is like no other (no subject, or its data is no JSON).
 * @param written its data in canonical form, if somebody has written it already.
 */
export function likenessOf(event: AnyEvent, definition: TypeDefinition | undefined, written?: string): string | null {
  const { subject, type, parentType = null, data = null } = event
  if (subject === undefined) return null
  const { treedepth: _, ...extensions } = event.extensions ?? {}
  const told = data instanceof Uint8Array ? Buffer.from(data).toString('base64') : data
  const counted = pruned(told, withoutOf(definition))
  try {
    const head = canonical([subject, type, parentType, extensions], 'event', 1_000)
    const tail = counted === told && written !== undefined ? written : canonical(counted, 'event', 999)
    return sha256(`${head.slice(0, -1)},${tail}]`)
  } catch {
    return null
  }
}

const NOTHING: Without = new Map()
const known = new WeakMap<readonly string[], Without>()

function withoutOf(definition: TypeDefinition | undefined): Without {
  const state = definition?.state
  if (state === undefined) return NOTHING
  const without = known.get(state) ?? grown(state.map((path) => path.split('.')))
  known.set(state, without)
  return without
}

/** Paths as a tree; a path leaves out all that lies below it. */
function grown(paths: readonly (readonly string[])[]): Without {
  const heads = [...new Set(paths.flatMap(([head]) => (head === undefined ? [] : [head])))]
  return new Map(
    heads.map((head) => {
      const below = paths.filter(([first]) => first === head).map(([, ...rest]) => rest)
      return [head, below.some((rest) => rest.length === 0) ? null : grown(below)]
    }),
  )
}

function pruned(value: unknown, without: Without): unknown {
  if (without.size === 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (!holdsAny(value, without)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const below = without.get(name)
      return below === null ? [] : [[name, below ? pruned(member, below) : member]]
    }),
  )
}

function holdsAny(value: object, without: Without): boolean {
  for (const name of without.keys()) if (Object.hasOwn(value, name)) return true
  return false
}
