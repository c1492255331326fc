import { describe, it } from 'vitest'
import { fillDisk } from '../faults/disk-full.js'
import { expectFullDiskTold } from '../faults/expectations.js'
import { isLacking, named, ROOT } from '../faults/tools.js'

describe.skipIf(isLacking(ROOT))(named('a disk that is full', ROOT), () => {
  it.each(Array.from({ length: 20 }, (_, index) => 3 + index * 0.25))('is told and survived (%d MiB)', async (size) => {
    expectFullDiskTold(await fillDisk(size))
  })
})
