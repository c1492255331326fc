import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ConfigInput, resolveConfig } from '../src/index.js'
import { serve } from './main.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-server-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const config = (server: ConfigInput['server']) =>
  resolveConfig({
    database: join(folder, 'tocsin.db'),
    store: { thread: 'main' },
    log: { level: 'silent' },
    server: { port: 0, ...server },
  })

describe('serve', () => {
  it('listens where it is told, and is ready', async () => {
    const instance = await serve(config({}))
    expect(instance.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await fetch(`${instance.url}/readyz`)).status).toBe(200)
    await Promise.all([instance.close(), instance.close()])
    await expect(fetch(`${instance.url}/healthz`)).rejects.toThrow()
  })

  it('listens for other machines when it is allowed', async () => {
    const instance = await serve(config({ host: '0.0.0.0', allowRemote: true }))
    expect((await fetch(`${instance.url.replace('0.0.0.0', '127.0.0.1')}/healthz`)).status).toBe(200)
    await instance.close()
  })

  it('leaves nothing open when the port is taken', async () => {
    const first = await serve(config({}))
    const port = Number(new URL(first.url).port)
    const second = resolveConfig({
      database: join(folder, 'second.db'),
      store: { thread: 'main' },
      log: { level: 'silent' },
      server: { port },
    })
    await expect(serve(second)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first.close()
  })

  it('answers what it has taken before it ends', async () => {
    const instance = await serve(config({}))
    const { key } = await instance.hub.keys.create(instance.hub.local, { name: 'p', roles: ['publisher'] })
    instance.hub.use({
      name: 'test:slow',
      kind: 'judge',
      run: () => new Promise((resolve) => setTimeout(resolve, 300)),
    })
    const answer = fetch(`${instance.url}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'user.created', id: 'last', data: {} }),
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    const before = Date.now()
    await instance.close()
    expect((await answer).status).toBe(202)
    // Not until the patience with slow clients (`delivery.shutdown`) is over.
    expect(Date.now() - before).toBeLessThan(8_000)
  })
})

const PROGRAMME = `
import { resolveConfig } from '${new URL('../src/index.ts', import.meta.url)}'
import { run } from '${new URL('./main.ts', import.meta.url)}'
await run(resolveConfig({ database: process.argv[2], server: { port: 0 } }))
`

describe('run', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'stops cleanly on %s',
    async (signal) => {
      const programme = join(folder, 'programme.mts')
      writeFileSync(programme, PROGRAMME)
      const child = spawn(process.execPath, ['--import', 'tsx', programme, join(folder, 'run.db')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let output = ''
      child.stdout.on('data', (chunk) => {
        output += chunk
        if (String(chunk).includes('"listening"')) child.kill(signal)
      })
      const [code] = await once(child, 'exit')
      expect(code).toBe(0)
      expect(output).toContain('"stopping"')
    },
    60_000,
  )
})
