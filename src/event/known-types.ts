/**
 * Which names of event types can come: who names another is told, for nothing would ever be heard of it.
 */
import { hint } from './nearest.js'
import { invalid } from './schema-error.js'

/** @throws InvalidInput for a pattern that fits no type of the catalogue, with the field */
export function checkKnownTypes(patterns: readonly string[], names: readonly string[], field: string): void {
  patterns.forEach((pattern, index) => {
    if (pattern === '*' || names.some((name) => hears(pattern, name))) return
    const shown = JSON.stringify(pattern.slice(0, 100))
    const message = `No event type is called ${shown}.${hint(pattern, names)}`
    throw invalid(message, `${field}[${index}]`, 'a type of the catalogue or a pattern that fits one')
  })
}

const hears = (pattern: string, name: string): boolean =>
  pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1)))
