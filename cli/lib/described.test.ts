import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { described } from './described.js'

const folder = mkdtempSync(join(tmpdir(), 'described-'))
afterAll(() => rmSync(folder, { recursive: true }))

const schema = async () => ({ properties: { password: { type: 'string' }, port: { type: 'integer' } } })

it('takes a value as its description wants it, from a file too', async () => {
  writeFileSync(join(folder, 'password'), '1234\n')
  writeFileSync(join(folder, 'port'), '25')
  writeFileSync(join(folder, 'pem'), 'BEGIN\nEND\n')
  const said = { password: '@password', port: '@port', pem: '@pem', key: '{"id": "event.id"}', at: '"@literally"' }
  expect(await described(said, folder, schema)).toEqual({
    ...{ password: '1234', port: 25, pem: 'BEGIN\nEND', key: { id: 'event.id' }, at: '@literally' },
  })
})
