import { expect, it } from 'vitest'
import { ERROR_CODES } from '../../../src/errors.js'
import { ADVICE } from './advice.js'

it('says of every error what to do', () => {
  expect(Object.keys(ERROR_CODES).filter((code) => ADVICE[code] === undefined)).toEqual([])
})
