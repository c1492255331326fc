import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { errorsPage, eventTypesPage } from '../scripts/catalogue-reference.js'

it.each([
  ['errors.md', errorsPage],
  ['event-types.md', eventTypesPage],
])('docs/reference/%s is what the code says; `npm run reference` writes it', (name, page) => {
  expect(readFileSync(new URL(`../docs/reference/${name}`, import.meta.url), 'utf8')).toBe(page())
})
