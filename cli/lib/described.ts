/**
 * Values of `NAME=VALUE` as a description wants them: a text that looks like a number is one where nothing else is taken, and
 * `@FILE` is what the file holds.
 */
import { resolve } from 'node:path'
import { contentOf, jsonOr } from './arguments.js'
import { at } from './table.js'

/** What was said, by name. */
export type Said = Readonly<Record<string, string>>

/**
 * @param folder where files are.
 * @param schemaOf the JSON Schema of the object they are members of; asked only where it matters.
 * @throws UsageError for a file that cannot be read
 */
export async function described(
  said: Said,
  folder: string,
  schemaOf: () => Promise<unknown>,
): Promise<Readonly<Record<string, unknown>>> {
  const read = Object.entries(said).map(([name, value]) => {
    const text = value.startsWith('@') ? contentOf(resolve(folder, value.slice(1))) : value
    return { name, text, value: jsonOr(text) }
  })
  const schema = read.some(({ value }) => isBare(value)) ? await schemaOf() : undefined
  const members = at(schema, 'properties')
  return Object.fromEntries(
    read.map(({ name, text, value }) => [name, isBare(value) && isText(at(members, name)) ? text : value]),
  )
}

const isBare = (value: unknown): boolean => typeof value === 'number' || typeof value === 'boolean'

function isText(member: unknown): boolean {
  const choices = at(member, 'enum')
  return (
    at(member, 'type') === 'string' || (Array.isArray(choices) && choices.every((each) => typeof each === 'string'))
  )
}
