/**
 * What the catalogue calls sensitive, covered.
 */
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
