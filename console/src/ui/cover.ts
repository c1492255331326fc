/**
 * What the catalogue calls sensitive, covered wherever it lies: in the data, in the state before, in the changes. As it is taken out for
 * subscribers that may not hear it.
 */
export const COVER = '•••••'

type Path = readonly string[]
type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * A copy with what lies under these paths covered.
 * @param paths dotted, as the catalogue writes them: `person.birthDate`
 */
export function covered(value: unknown, paths: readonly string[]): unknown {
  const split = paths.map((path) => path.split('.'))
  const rest = split.reduce((rest, path) => cover(cover(rest, path), ['before', ...path]), value)
  if (!isMembers(rest) || !Array.isArray(rest.changes)) return rest
  return { ...rest, changes: rest.changes.map((change) => split.reduce(coverChange, change)) }
}

function cover(value: unknown, [name, ...rest]: Path): unknown {
  if (name === undefined) return value === undefined ? undefined : COVER
  if (Array.isArray(value)) return value.map((each) => cover(each, [name, ...rest]))
  if (!isMembers(value) || !Object.hasOwn(value, name)) return value
  return { ...value, [name]: cover(value[name], rest) }
}

/** An operation of a JSON Patch (RFC 6902): at or below what is sensitive, or above it with that inside. */
function coverChange(change: unknown, path: Path): unknown {
  if (!isMembers(change) || typeof change.path !== 'string' || !('value' in change)) return change
  const at = pointerOf(change.path)
  if (startsWith(at, path)) return { ...change, value: COVER }
  return startsWith(path, at) ? { ...change, value: cover(change.value, path.slice(at.length)) } : change
}

/** RFC 6901; positions in lists are left out, as dotted paths have none. */
const pointerOf = (text: string): Path =>
  text
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .filter((name) => !/^(\d+|-)$/.test(name))

const startsWith = (path: Path, prefix: Path): boolean => prefix.every((name, index) => path[index] === name)
