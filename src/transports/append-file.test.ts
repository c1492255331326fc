import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { appendFile } from './append-file.js'

const quiet = () => new AbortController().signal
const UNLIMITED = Number.POSITIVE_INFINITY

describe('appending', () => {
  it('fails all lines of a write the disk refused, and opens anew for the next', async () => {
    let opened = 0
    const file = appendFile('/dev/full', async () => {
      opened += 1
      return open('/dev/full', 'r+')
    })
    const both = [1, 2].map((number) => file.append(Buffer.from(`${number}\n`), UNLIMITED, quiet()))
    for (const one of both) await expect(one).rejects.toMatchObject({ code: 'ENOSPC' })
    await expect(file.append(Buffer.from('3\n'), UNLIMITED, quiet())).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(opened).toBe(2)
    await file.close()
  })

  it('leaves nothing of a line the disk took only half of', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-append-'))
    const path = join(folder, 'x')
    let full = false
    const file = appendFile(path, async () => {
      const handle = await open(path, 'a+')
      const write = handle.write.bind(handle)
      const half = async (bytes: Buffer, offset: number) => {
        if (!full) return write(bytes, offset)
        await write(bytes, 0, 3)
        throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' })
      }
      return Object.assign(handle, { write: half })
    })
    await file.append(Buffer.from('whole\n'), UNLIMITED, quiet())
    full = true
    await expect(file.append(Buffer.from('halved\n'), UNLIMITED, quiet())).rejects.toThrow('the disk is full')
    expect(await readFile(path, 'utf8')).toBe('whole\n')
    await file.close()
    await rm(folder, { recursive: true })
  })

  it('syncs lines that wait together once, after they are written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-append-'))
    const path = join(folder, 'x')
    const sizesAtSync: number[] = []
    const file = appendFile(path, async () => {
      const handle = await open(path, 'a+')
      const sync = handle.datasync.bind(handle)
      handle.datasync = async () => {
        sizesAtSync.push((await handle.stat()).size)
        await sync()
      }
      return handle
    })
    const lines = Array.from({ length: 500 }, (_, number) => Buffer.from(`${1000 + number}\n`))
    await Promise.all(lines.map((line) => file.append(line, UNLIMITED, quiet())))
    expect(sizesAtSync).toEqual([2500])
    expect(await readFile(path, 'utf8')).toBe(lines.join(''))
    // Ten who each wait for their line before the next share every sync.
    const again = async () => {
      for (let number = 0; number < 20; number++) await file.append(Buffer.from('x\n'), UNLIMITED, quiet())
    }
    await Promise.all(Array.from({ length: 10 }, again))
    expect(sizesAtSync).toHaveLength(21)
    await file.close()
    await rm(folder, { recursive: true })
  })
})
