import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { configurationPage } from '../scripts/configuration-reference.js'

describe('docs/reference/configuration.md', () => {
  it('is what the schema says: else run `npx tsx scripts/configuration-reference.ts`', () => {
    const page = readFileSync(new URL('../docs/reference/configuration.md', import.meta.url), 'utf8')
    expect(page).toBe(configurationPage())
  })
})
