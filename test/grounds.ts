/**
 * What a server in a test stands on: each store there is here, with settings that let it speak to the loopback.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConfigInput } from '../src/index.js'
import { isLacking } from './faults/tools.js'
import { freshSchema, POSTGRES } from './services.js'

/** Every store there is here. */
export const STORES: readonly Kind[] = ['memory', 'sqlite', ...(isLacking(POSTGRES) ? [] : (['postgres'] as const))]

export type Kind = 'memory' | 'sqlite' | 'postgres'

const CONFIG: ConfigInput = {
  log: { level: 'silent' },
  sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  egress: { allow: ['127.0.0.0/8'], allowHttp: true },
}

export interface Ground {
  readonly config: ConfigInput
  remove(): void
}

export async function groundOf(kind: Kind, more: ConfigInput = {}): Promise<Ground> {
  if (kind === 'postgres') {
    const { url: database, schema } = await freshSchema()
    return { config: { ...CONFIG, database, store: { schema, pool: 4 }, ...more }, remove: () => {} }
  }
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-'))
  const database = kind === 'memory' ? kind : join(folder, 'test.db')
  return {
    config: { ...CONFIG, database, store: { thread: 'main' }, ...more },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

export async function until(holds: () => boolean | Promise<boolean>, what: string, patience = 15_000): Promise<void> {
  for (const end = Date.now() + patience; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`It did not come about: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
