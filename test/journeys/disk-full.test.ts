import { describe, expect, it } from 'vitest'
import { fillDisk } from '../faults/disk-full.js'
import { expectFullDiskTold } from '../faults/expectations.js'
import { isLacking, named, ROOT } from '../faults/tools.js'

describe.skipIf(isLacking(ROOT))(named('a disk that is full', ROOT), () => {
  it.each([4, 8])(
    'is told as 503, can be read, and is written again when there is room (%i MiB)',
    { timeout: 240_000 },
    async (size) => {
      expectFullDiskTold(await fillDisk(size))
    },
  )

  it('is not seen on a disk that is large enough (the control)', { timeout: 240_000 }, async () => {
    // Room for the WAL, which is moved into the file at 55 MiB.
    const report = await fillDisk(256)
    expect(() => expectFullDiskTold(report)).toThrow()
  })
})
