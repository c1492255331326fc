import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileTransport } from './file.js'
import type { OutgoingMessage, Sender } from './transport.js'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-file-'))
})
const senders: Sender[] = []
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.close?.()
  await rm(root, { recursive: true, force: true })
})

const DAY = 86_400_000
const NOON = Date.UTC(2026, 10, 21, 12)

function message(number: number, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const body = JSON.stringify({ number })
  const event = { id: `e${number}`, source: '/test', type: 'device.issued', tenant: 'acme' }
  return {
    id: `msg_${number}`,
    event,
    time: NOON,
    attempt: 1,
    headers: { 'content-type': 'application/json' },
    body,
    ...more,
  }
}

function open(target: Record<string, unknown>, transport = fileTransport({ root })): Sender {
  const sender = transport.open(target)
  senders.push(sender)
  return sender
}
const textOf = (name: string) => readFile(join(root, 'acme', name), 'utf8')
const delivered = { outcome: 'delivered' }

describe('the path of a file target', () => {
  it.each([
    '',
    '.',
    '..',
    '../a',
    'a/../b',
    './a',
    'a//b',
    'a/',
    '/a',
    '~/a',
    'C:\\a',
    'a\\b',
    'a\0b',
    'a\nb',
    '.hidden',
    'a/.b',
    'Ä.jsonl',
    'a{other}',
    '{date}/a',
    'a'.repeat(300),
  ])('refuses %j', async (path) => {
    await expect(fileTransport({ root }).check({ path })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'target.path',
    })
  })

  it('keeps tenants apart', async () => {
    const sender = open({ path: 'x.jsonl' })
    const event = { ...message(1).event, tenant: '../other' }
    expect(await sender.send(message(1, { event }), new AbortController().signal)).toEqual(delivered)
    expect(await readdir(root)).toEqual(['%2E.%2Fother'])
  })

  it('follows no link and writes to nothing but plain files', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'tocsin-outside-'))
    await mkdir(join(root, 'acme/folder.jsonl'), { recursive: true })
    await symlink(outside, join(root, 'acme/linked'))
    await writeFile(join(outside, 'real.jsonl'), '')
    await symlink(join(outside, 'real.jsonl'), join(root, 'acme/link.jsonl'))
    for (const path of ['linked/x.jsonl', 'linked/new/x.jsonl', 'link.jsonl', 'folder.jsonl']) {
      expect(await open({ path }).send(message(1), new AbortController().signal)).toMatchObject({
        outcome: 'refused',
        code: 'target_refused',
      })
    }
    expect(await readdir(outside)).toEqual(['real.jsonl'])
    expect(await readFile(join(outside, 'real.jsonl'), 'utf8')).toBe('')
    await rm(outside, { recursive: true })
  })
})

describe('a line', () => {
  it('is one, whatever white space the JSON has', async () => {
    const sender = open({ path: 'x.jsonl' })
    await sender.send(message(1, { body: '{\r\n  "a": "b\\n"\n}' }), new AbortController().signal)
    await sender.send(message(2), new AbortController().signal)
    expect(
      (await textOf('x.jsonl'))
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    ).toEqual([{ a: 'b\n' }, { number: 2 }])
  })

  it('of another format is refused if it would be several', async () => {
    const several = message(1, { body: '<a>\n</a>', headers: { 'content-type': 'application/xml' } })
    expect(await open({ path: 'x' }).send(several, new AbortController().signal)).toMatchObject({
      outcome: 'refused',
      code: 'not_a_line',
    })
  })

  it('cut short by a crash is removed before the next is written', async () => {
    await mkdir(join(root, 'acme'))
    const long = 'x'.repeat(200_000)
    await writeFile(join(root, 'acme/x.jsonl'), `{"number":1}\n{"number":2,"${long}`)
    await writeFile(join(root, 'acme/y.jsonl'), `{"number":1,"${long}`)
    for (const path of ['x.jsonl', 'y.jsonl'])
      expect(await open({ path }).send(message(3), new AbortController().signal)).toEqual(delivered)
    expect(await textOf('x.jsonl')).toBe('{"number":1}\n{"number":3}\n')
    expect(await textOf('y.jsonl')).toBe('{"number":3}\n')
  })
})

describe('rotation', () => {
  it('begins a new file each day', async () => {
    const sender = open({ path: 'x-{date}.jsonl' })
    for (const time of [NOON, NOON + DAY]) await sender.send(message(1, { time }), new AbortController().signal)
    expect((await readdir(join(root, 'acme'))).sort()).toEqual(['x-2026-11-21.jsonl', 'x-2026-11-22.jsonl'])
  })

  it('begins a new part when one is full, and goes on there after a restart', async () => {
    const target = { path: 'x-{date}-{part}.jsonl', maxBytes: 1024 }
    const body = JSON.stringify({ text: 'x'.repeat(400) })
    const sender = open(target)
    await Promise.all(
      Array.from({ length: 5 }, (_, n) => sender.send(message(n, { body }), new AbortController().signal)),
    )
    await sender.close?.()
    await open(target).send(message(6, { body }), new AbortController().signal)
    const names = (await readdir(join(root, 'acme'))).sort()
    expect(names).toEqual(['x-2026-11-21-0001.jsonl', 'x-2026-11-21-0002.jsonl', 'x-2026-11-21-0003.jsonl'])
    const lines = await Promise.all(names.map(async (name) => (await textOf(name)).split('\n').length - 1))
    expect(lines).toEqual([2, 2, 2])
  })

  it('writes a line that is longer than a part into a part of its own', async () => {
    const sender = open({ path: 'x-{part}', maxBytes: 1024 })
    const body = JSON.stringify('x'.repeat(2000))
    for (const number of [1, 2])
      expect(await sender.send(message(number, { body }), new AbortController().signal)).toEqual(delivered)
    expect((await readdir(join(root, 'acme'))).sort()).toEqual(['x-0001', 'x-0002'])
  })

  it('notices that the file was moved away', async () => {
    const sender = open({ path: 'x.jsonl' })
    await sender.send(message(1), new AbortController().signal)
    await rename(join(root, 'acme/x.jsonl'), join(root, 'acme/x.jsonl.1'))
    await sender.send(message(2), new AbortController().signal)
    expect(await textOf('x.jsonl.1')).toBe('{"number":1}\n')
    expect(await textOf('x.jsonl')).toBe('{"number":2}\n')
  })

  it('notices that another file was put in its place', async () => {
    const sender = open({ path: 'x.jsonl' })
    await sender.send(message(1), new AbortController().signal)
    await rename(join(root, 'acme/x.jsonl'), join(root, 'acme/x.jsonl.1'))
    await writeFile(join(root, 'acme/x.jsonl'), '{"new":true}\n')
    await sender.send(message(2), new AbortController().signal)
    expect(await textOf('x.jsonl.1')).toBe('{"number":1}\n')
    expect(await textOf('x.jsonl')).toBe('{"new":true}\n{"number":2}\n')
  })

  it('notices that the file was emptied in place', async () => {
    const sender = open({ path: 'x.jsonl' })
    await sender.send(message(1), new AbortController().signal)
    await writeFile(join(root, 'acme/x.jsonl'), '')
    await sender.send(message(2), new AbortController().signal)
    expect(await textOf('x.jsonl')).toBe('{"number":2}\n')
  })
})

describe('writing', () => {
  it('of two subscriptions to one file mixes whole lines only', async () => {
    const transport = fileTransport({ root })
    const pair = [open({ path: 'x.jsonl' }, transport), open({ path: 'x.jsonl' }, transport)]
    const numbers = Array.from({ length: 200 }, (_, number) => number)
    const outcomes = numbers.map((number) => pair[number % 2]?.send(message(number), new AbortController().signal))
    expect(await Promise.all(outcomes)).toEqual(numbers.map(() => delivered))
    const lines = (await textOf('x.jsonl')).split('\n').slice(0, -1)
    expect(lines.map((line) => JSON.parse(line).number).sort((a, b) => a - b)).toEqual(numbers)
  })

  it('does not write what was called off while it waited', async () => {
    const sender = open({ path: 'x.jsonl' })
    const controller = new AbortController()
    const first = sender.send(message(1), new AbortController().signal)
    const second = sender.send(message(2), controller.signal)
    controller.abort(new Error('called off'))
    await expect(second).rejects.toThrow('called off')
    expect(await first).toEqual(delivered)
    await sender.close?.()
    expect(await textOf('x.jsonl')).toBe('{"number":1}\n')
  })

  it('is tried again when the disk refuses, names no folder, and leaves whole lines', async () => {
    await rm(root, { recursive: true })
    const sender = open({ path: 'x.jsonl' })
    const outcome = await sender.send(message(1), new AbortController().signal)
    const text = 'The folder that the operator opened for files is not there (ENOENT).'
    expect(outcome).toEqual({ outcome: 'retry', code: 'ENOENT', message: text })
    await mkdir(root)
    expect(await sender.send(message(1), new AbortController().signal)).toEqual(delivered)
  })
})
