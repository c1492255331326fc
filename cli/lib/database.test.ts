import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openConnection } from '../../src/index.js'
import { isLacking, named, ROOT } from '../../test/faults/tools.js'
import { copyDatabase } from './database.js'

const folder = mkdtempSync(join(tmpdir(), 'database-'))
afterAll(() => rmSync(folder, { recursive: true }))

const database = join(folder, 'whole.db')
const connection = openConnection(database)
connection.exec('CREATE TABLE a AS SELECT zeroblob(1000000) AS b')
connection.close()

/** A file that is left, or an error. */
function copyTo(file: string): unknown {
  try {
    copyDatabase(database, file)
    return existsSync(file)
  } catch (error) {
    return error
  }
}

describe.skipIf(isLacking(ROOT))(named('a copy of a database', ROOT), () => {
  it('for which there is no room says where, and how much, and leaves nothing', () => {
    const disk = join(folder, 'disk')
    mkdirSync(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk])
    try {
      const copy = join(disk, 'copy.db')
      const facts = { message: `There is no room for ${copy}: database or disk is full.`, code: 'unavailable' }
      expect(copyTo(copy)).toMatchObject({
        facts: { ...facts, expected: expect.stringMatching(/^about 1,\d{3},\d{3} bytes/) },
      })
      expect(existsSync(copy)).toBe(false)
    } finally {
      execFileSync('umount', ['--lazy', disk])
    }
    expect(copyTo(join(folder, 'copy.db'))).toBe(true)
  })
})
