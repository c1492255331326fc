import { expect, it } from 'vitest'
import { failureOf } from './failures.js'

const coded = (code: string) => Object.assign(new Error(`failed with ${code}`), { code })

it.each(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', '57P01', '08006', '53100', '53300', '25006'])(
  '%s is trouble of the server or the way to it',
  (code) => {
    expect(failureOf(coded(code))).toMatchObject({ code: 'unavailable', data: { postgres: code } })
  },
)

it.each(['42601', '23505', '22P02'])('%s is a fault of ours', (code) => {
  expect(failureOf(coded(code))).toMatchObject({ code: 'internal' })
})
