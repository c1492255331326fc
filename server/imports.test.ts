import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { runCli } from '../cli/testing.js'
import { createServer } from './app.js'
import { call, startWorld, type World } from './testing.js'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const card = (id: string, more: object = {}) => ({ id, type: 'device', ...more })
const linesOf = (...values: readonly unknown[]) => values.map((each) => `${JSON.stringify(each)}\n`).join('')

const send = (query: string, raw: string, key = world.keys.admin) =>
  call(world, 'POST', `/v1/imports${query}`, { key, raw, headers: { 'content-type': 'application/x-ndjson' } })

describe('POST /v1/imports', () => {
  it('takes a body of lines and tells the bad ones', async () => {
    const answer = await send('?import=one', linesOf(card('a', { links: [{ relation: 'r', to: 'b' }] }), {}, card('b')))
    expect(answer).toMatchObject({
      status: 200,
      json: { import: 'one', state: 'done', created: 2, links: 1, refused: 1, problems: [{ line: 2, field: 'id' }] },
    })
    const { json } = await call(world, 'GET', '/v1/imports/one', { key: world.keys.admin })
    expect(json).toMatchObject({ state: 'done', line: 3, problems: [] })
  })

  it('answers a strict import that ends early, however much is still sent', async () => {
    const answer = await send('?strict=true&import=strict', `{}\n${linesOf(card('x'.repeat(200))).repeat(20_000)}`)
    expect(answer).toMatchObject({ status: 200, json: { state: 'open', line: 0, created: 0, problems: [{ line: 1 }] } })
  })

  it('says where the import stands to who goes on elsewhere', async () => {
    const answer = await send('?import=far&after=7', linesOf(card('x')).repeat(1_000))
    expect(answer).toMatchObject({ status: 409, json: { code: 'wrong_state', expected: 'to go on after line 0' } })
    expect(await send('?import=no/name', '')).toMatchObject({ status: 422, json: { field: 'import' } })
    expect(await send('?lines=1', '')).toMatchObject({ status: 422, json: { field: 'lines' } })
  })

  it('knows no import of another tenant', async () => {
    const { key } = world.other
    expect(await call(world, 'GET', '/v1/imports/one', { key })).toMatchObject({ status: 404 })
    const { json } = await send('', linesOf(card('mine', { links: [{ relation: 'r', to: 'a' }] })), key)
    expect(json).toMatchObject({ created: 1, problems: [{ field: 'links[0].to' }] })
    expect(await call(world, 'GET', '/v1/resources/mine', { key: world.keys.admin })).toMatchObject({ status: 404 })
  })
})

describe('an import that waits for its turn under a quota', () => {
  it('ends when its client goes, or the server', async () => {
    const waits: AbortSignal[] = []
    // A tenant that may do nothing more.
    const run = vi.spyOn(world.hub.imports, 'run').mockImplementation(
      (_caller, _stream, { signal } = {}) =>
        new Promise((_, refuse) => {
          if (signal === undefined) return refuse(new Error('Nobody can end it.'))
          waits.push(signal)
          signal.addEventListener('abort', () => refuse(signal.reason))
        }),
    )
    const app = createServer(world.hub)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const ask = (signal: AbortSignal | null) =>
      fetch(`${url}/v1/imports?events=true`, {
        ...{ method: 'POST', body: linesOf(card('a')), signal },
        headers: { authorization: `Bearer ${world.keys.admin}`, 'content-type': 'application/x-ndjson' },
      })
    const client = new AbortController()
    const gone = ask(client.signal).catch(() => 'gone')
    await expect.poll(() => waits.length).toBe(1)
    expect(waits[0]?.aborted).toBe(false)
    client.abort()
    expect(await gone).toBe('gone')
    await expect.poll(() => waits[0]?.aborted).toBe(true)
    const staying = ask(null)
    await expect.poll(() => waits.length).toBe(2)
    await app.close()
    expect((await staying).status).toBe(503)
    run.mockRestore()
  })
})

describe('tocsin resources import', () => {
  const tocsin = (input: string, ...words: readonly string[]) =>
    runCli(['--server', world.url, '--key', world.keys.admin, ...words], { folder: '.', input })

  it('sends a file in parts', async () => {
    const all = Array.from({ length: 2_500 }, (_, index) =>
      card(`n-${index}`, { links: [{ relation: 'next', to: `n-${(index + 1) % 2_500}` }] }),
    )
    const ran = await tocsin(`\n\n${linesOf(...all)}\n\n`, 'resources', 'import', '-', '--name', 'ring')
    expect(ran).toEqual({ code: 0, err: '', out: '2,500 created, 0 changed, 0 unchanged, 2,500 links, 0 refused.\n' })
    const { json } = await call(world, 'GET', '/v1/imports/ring', { key: world.keys.admin })
    expect(json).toMatchObject({ state: 'done', line: 2_502 })
  })

  it('names bad lines by their number in the file, and ends with 1', async () => {
    const ran = await tocsin(`${linesOf(card('q'), { id: 7 })}{"`, 'resources', 'import', '-')
    expect(ran.code).toBe(1)
    expect(ran.out).toBe('1 created, 0 changed, 0 unchanged, 0 links, 2 refused.\n')
    expect(ran.err).toMatch(/^stdin:2: .*\nstdin:3: .*\ntocsin: .*2 problems/s)
  })

  it('goes on by name', async () => {
    const strict = ['resources', 'import', '-', '--strict', '--name', 'fix']
    const stopped = await tocsin(linesOf(card('f1'), { id: 'f2' }, card('f3')), ...strict)
    expect(stopped.code).toBe(1)
    expect(stopped.err).toContain('Line 1 is done; go on with --name fix.')
    const ran = await tocsin(linesOf(card('f1'), card('f2'), card('f3')), ...strict)
    expect(ran).toMatchObject({ code: 0, out: '3 created, 0 changed, 0 unchanged, 0 links, 0 refused.\n' })
    const again = await tocsin(linesOf(card('f4')), ...strict)
    expect(again).toMatchObject({ code: 1, out: '', err: expect.stringContaining('The import fix is done: 3 lines.') })
    expect(again.err).not.toContain('go on with')
  })

  it('writes nothing in a dry run', async () => {
    const ran = await tocsin(linesOf(card('dry')), 'resources', 'import', '-', '--dry-run')
    expect(ran.out).toMatch(/^Nothing was written. It would be: 1 created/)
    expect(await call(world, 'GET', '/v1/resources/dry', { key: world.keys.admin })).toMatchObject({ status: 404 })
  })
})
