/**
 * The filters of a subscription in words.
 */
type Filter = Readonly<Record<string, unknown>>

const ATTRIBUTE: Readonly<Record<string, string>> = { exact: 'is', prefix: 'begins with', suffix: 'ends with' }

/** All of them must hold. */
export const filterWords = (filters: readonly Filter[]): string => joined(filters, ' and ')

function words(filter: Filter): string {
  const [[dialect = '', body] = []] = Object.entries(filter)
  const verb = ATTRIBUTE[dialect]
  if (verb !== undefined)
    return Object.entries(body as Readonly<Record<string, string>>)
      .map(([name, value]) => `${name} ${verb} ${value}`)
      .join(' and ')
  if (dialect === 'all') return `(${joined(body as readonly Filter[], ' and ')})`
  if (dialect === 'any') return `(${joined(body as readonly Filter[], ' or ')})`
  if (dialect === 'not') return `not (${words(body as Filter)})`
  return String(body)
}

const joined = (filters: readonly Filter[], word: string): string => filters.map(words).join(word)
