import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { ADVICE } from '../src/ui/advice.js'

const ERRORS = readFileSync(new URL('../../docs/reference/errors.md', import.meta.url), 'utf8')

it('says of every error what to do', () => {
  const codes = [...ERRORS.matchAll(/^\| `(\w+)` \|/gm)].map(([, code = '']) => code)
  expect(codes.length).toBeGreaterThan(30)
  expect(codes.filter((code) => ADVICE[code] === undefined)).toEqual([])
})
