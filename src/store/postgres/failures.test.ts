import { describe, expect, it } from 'vitest'
import { Conflict } from '../../errors.js'
import { failureOf, isCut, isPassing, isUndone } from './failures.js'

const coded = (code: string, message = 'It failed.') => Object.assign(new Error(message), { code })

describe('a failure', () => {
  it('of which nobody knows whether the commit was the last it brought is not taken for undone', () => {
    for (const code of ['EPIPE', 'ECONNRESET', '57P01', '57014', '08006'])
      expect(isUndone(coded(code)), code).toBe(false)
    expect(isUndone(new Error('Connection terminated unexpectedly'))).toBe(false)
  })

  it('that PostgreSQL told, or that is ours, left nothing', () => {
    for (const code of ['23505', '40001', '40P01', '25P02', '53100']) expect(isUndone(coded(code)), code).toBe(true)
    for (const error of [new TypeError('x'), new Conflict('conflict', 'x')]) expect(isUndone(error)).toBe(true)
  })

  it('passes when it was a race, and is got over on another connection when that broke', () => {
    expect([isPassing(coded('40001')), isPassing(coded('40P01')), isPassing(coded('23505'))]).toEqual([
      true,
      true,
      false,
    ])
    expect([isCut(coded('EPIPE')), isCut(coded('57P01')), isCut(coded('ECONNREFUSED'))]).toEqual([true, true, false])
    expect(isCut(new Error('Connection terminated unexpectedly'))).toBe(true)
    expect(isCut(new Error('timeout exceeded when trying to connect'))).toBe(false)
  })

  it('to keep a character is the fault of who sent it', () => {
    expect(failureOf(coded('22021'))).toMatchObject({ code: 'invalid_request', status: 422 })
  })

  it('of the server or of the way to it is unavailable, anything else our fault', () => {
    for (const code of [
      'EPIPE',
      'ECONNREFUSED',
      '53100',
      '53300',
      '57P03',
      '25006',
      '40P01',
      '55P03',
      '58030',
      '28P01',
    ])
      expect(failureOf(coded(code)), code).toMatchObject({ code: 'unavailable', data: { postgres: code } })
    expect(failureOf(coded('42601'))).toMatchObject({ code: 'internal' })
    expect(failureOf(new Error('odd'))).toMatchObject({ code: 'internal' })
    const misuse = new TypeError('x')
    expect(failureOf(misuse)).toBe(misuse)
  })
})
