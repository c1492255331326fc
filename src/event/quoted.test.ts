import fc from 'fast-check'
import { expect, it } from 'vitest'
import { quoted } from './quoted.js'

it('quotes a text as JSON.stringify does', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' })), (text) => {
      expect(quoted(text)).toBe(JSON.stringify(text))
    }),
  )
  for (let code = 0; code < 65_536; code++) {
    const text = `a${String.fromCharCode(code)}`
    if (quoted(text) !== JSON.stringify(text)) expect(quoted(text)).toBe(JSON.stringify(text))
  }
})
