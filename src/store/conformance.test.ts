import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { storeConformance } from './conformance.js'
import { openMemoryStore } from './memory/store.js'
import { openSqliteStore } from './sqlite/store.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

describe('memory', () => storeConformance({ describe, test, open: async () => openMemoryStore() }))

describe('sqlite in memory', () =>
  storeConformance({ describe, test, open: () => openSqliteStore({ path: ':memory:' }) }))

describe('sqlite on a file, in this thread', () =>
  storeConformance({
    describe,
    test,
    open: () => openSqliteStore({ path: join(folder, `${files++}.db`), thread: 'main' }),
  }))
