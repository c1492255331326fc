/**
 * `uniqueItems` of JSON Schemas in time linear in the list: Ajv's own compares objects each with each, and the lists come from
 * whoever calls.
 */
import type { SchemaValidateFunction } from 'ajv'
import type { Ajv2020 } from 'ajv/dist/2020.js'
import { quoted } from './quoted.js'

const areUnique: SchemaValidateFunction = (wanted: boolean, items: readonly unknown[]): boolean => {
  if (!wanted) return true
  const places = new Map<string, number>()
  for (const [i, item] of items.entries()) {
    const text = textOf(item)
    const j = places.get(text)
    if (j !== undefined) {
      const message = `must NOT have duplicate items (items ## ${j} and ${i} are identical)`
      areUnique.errors = [{ keyword: 'uniqueItems', message, params: { i, j } }]
      return false
    }
    places.set(text, i)
  }
  return true
}

/** The same for what JSON Schema calls equal: whatever the order of members, and -0 is 0. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${quoted(name)}:${textOf(member)}`).join()}}`
}

/** Makes the keyword of a validator linear. */
export function uniqueByText(ajv: Ajv2020): Ajv2020 {
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({ keyword: 'uniqueItems', type: 'array', schemaType: 'boolean', validate: areUnique })
  return ajv
}
