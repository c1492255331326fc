/**
 * The store as it is shipped: compiled, with its worker thread. Run after the build.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from 'tocsin'
import { storeConformance } from 'tocsin/testing'
import { afterAll, describe, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-worker-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextFile = (): string => join(folder, `${files++}.db`)

const tenantNamed = (id: string) => ({
  ...{ id, name: id, openTypes: false, weight: 1, eventsPerSecond: null, unfinishedTasks: null },
  createdAt: 1,
  disabledAt: null,
})

describe('sqlite in a worker thread', () => {
  storeConformance({ describe, test, open: () => openSqliteStore({ path: nextFile() }) })

  test('tells why it cannot open', async () => {
    const path = nextFile()
    const store = await openSqliteStore({ path })
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'unavailable' })
    await store.close()
  })

  test('copies itself while it writes', async () => {
    const [path, copy] = [nextFile(), nextFile()]
    const store = await openSqliteStore({ path })
    await store.access.putTenant(tenantNamed('a'))
    const copying = store.backup(copy)
    await store.access.putTenant(tenantNamed('b'))
    await copying
    await expect(store.backup(copy)).rejects.toMatchObject({ code: 'already_exists' })
    await store.close()
    const restored = await openSqliteStore({ path: copy })
    expect((await restored.access.getTenant('a'))?.name).toBe('a')
    await restored.close()
  })

  test('leaves its lock with its process, however that ends, and what it acknowledged', async () => {
    const path = nextFile()
    const code = `
      import { openSqliteStore } from 'tocsin'
      const store = await openSqliteStore({ path: ${JSON.stringify(path)} })
      await store.access.putTenant(${JSON.stringify(tenantNamed('a'))})
      console.log('acknowledged')
      setInterval(() => {}, 1_000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    expect(await Promise.race([once(child.stdout, 'data').then(String), ended])).toBe('acknowledged\n')
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'unavailable' })
    child.kill('SIGKILL')
    await ended
    const store = await openSqliteStore({ path })
    expect((await store.access.getTenant('a'))?.name).toBe('a')
    await store.close()
  })
})
