/**
 * The stores that a life is led over. A further store is a further line.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMemoryStore, openSqliteStore, type Store } from '../../src/index.js'
import type { Ground } from './queue-life.js'

/** A file, in a folder of its own; a crash leaves it as the killed process did: the WAL not moved, nothing closed. */
export class SqliteFiles {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tocsin-model-'))
  #count = 0
  #path = ''

  ground(): Ground {
    return {
      open: () => this.#open(join(this.#folder, `${this.#count++}.db`)),
      crash: async (store) => {
        const next = join(this.#folder, `${this.#count++}.db`)
        for (const ending of ['', '-wal'])
          if (existsSync(this.#path + ending)) copyFileSync(this.#path + ending, next + ending)
        // Only now, so that nothing it does at its end is in the copy.
        await store.close()
        return this.#open(next)
      },
      restart: async (store) => {
        await store.close()
        return this.#open(this.#path)
      },
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #open(path: string): Promise<Store> {
    this.#path = path
    return openSqliteStore({ path, thread: 'main' })
  }
}

const inMemory = (open: () => Promise<Store>): Ground => ({ open, crash: null, restart: null })

export const MEMORY: readonly (readonly [string, Ground])[] = [
  ['memory', inMemory(async () => openMemoryStore())],
  ['sqlite in memory', inMemory(() => openSqliteStore({ path: ':memory:', thread: 'main' }))],
]
