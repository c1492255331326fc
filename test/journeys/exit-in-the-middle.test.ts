/** A host may leave whenever it likes: it ends as it said, and what was answered is on the disk. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { built } from '../../src/built.js'
import { createHub } from '../../src/index.js'

const HOST = fileURLToPath(new URL('../faults/exit-host.mjs', import.meta.url))
/** A thread is inside SQLite most of the time, not always: without waiting for it about seven of ten ended by SIGABRT. */
const TIMES = 6

it.each([
  { way: 'exit', code: 7, told: '' },
  { way: 'throw', code: 1, told: 'nobody catches this' },
])(
  'leaving by $way while events are written ends with code $code',
  { timeout: 120_000 },
  async ({ way, code, told }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-exit-'))
    const database = join(folder, 'one.db')
    try {
      for (let time = 0; time < TIMES; time++) expect(await left(way, database)).toEqual({ code, signal: null, told })
      const hub = await createHub({ database, config: { log: { level: 'silent' } } })
      const { items } = await hub.events.list(hub.local, { subject: 'user-0' }, { limit: 100 })
      expect(items.length).toBeGreaterThanOrEqual(TIMES)
      await hub.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

async function left(way: string, database: string) {
  const host = spawn(process.execPath, [HOST, built('src/index.js').href, way, database], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  host.stderr.on('data', (chunk) => {
    err += chunk
  })
  const [code, signal] = await once(host, 'close')
  return { code, signal, told: /Error: (.+)/.exec(err)?.[1] ?? err }
}
