/**
 * The quickstart as a newcomer runs it, small; and that its own arithmetic would notice a fault.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Ledger, type Receipt } from '../../examples/quickstart/ledger.js'
import type { Arrival } from '../../examples/quickstart/receiver.js'
import { reckon } from '../../examples/quickstart/reckoning.js'
import type { Story } from '../../examples/quickstart/story.js'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-journey-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Temporary folders of the run go below ours, so that what it leaves can be seen. */
const start = (...words: readonly string[]): ChildProcess =>
  spawn(process.execPath, ['--import', 'tsx', 'examples/quickstart/main.ts', '--changes', '400', ...words], {
    cwd: ROOT,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** What a process says, while it says it. */
function heard(child: ChildProcess): { out: string; err: string } {
  const said = { out: '', err: '' }
  child.stdout?.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    said.err += chunk
  })
  return said
}

const pidsIn = (text: string): readonly number[] =>
  [...text.matchAll(/\(process (\d+)\)/g)].map(([, pid]) => Number(pid))

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('npm run quickstart', () => {
  it('shows the main job, prints one object, and leaves what it was told to keep and no process', async () => {
    const keep = join(folder, 'kept')
    const child = start('--json', '--keep', keep)
    const said = heard(child)
    const [code] = await once(child, 'close')
    expect({ code, err: said.err }).toMatchObject({ code: 0, err: expect.stringContaining('nothing lost') })
    const figures = JSON.parse(said.out)
    expect(figures).toMatchObject({ lost: 0, duplicates: 0, outOfOrder: 0, unexpected: 0 })
    expect(figures.retries).toBeGreaterThan(0)
    expect(Object.keys(figures.perSystem)).toEqual([
      'activid-cms',
      'fim-cm',
      'uw-registry',
      'aps',
      'czechidm',
      'registry',
    ])
    for (const row of Object.values<Record<string, number>>(figures.perSystem)) {
      const { published = 0, delivered = 0, filtered = 0, notVisible = 0 } = row
      expect(published).toBeGreaterThanOrEqual(250)
      expect(delivered + filtered + notVisible).toBe(published * 3)
      expect(row).toMatchObject({ orderKept: true, p50: expect.any(Number), p99: expect.any(Number) })
    }
    for (const part of ['The life of one event', 'Why did the directory not hear of it?', 'How to go on'])
      expect(said.err).toContain(part)
    // Usually the second: a lease that is given back, as the breaker opened before its turn, has a number too.
    expect(said.err).toMatch(/attempt [2-9]: 204, delivered/)
    expect(readFileSync(join(keep, 'tocsin.db')).length).toBeGreaterThan(100_000)
    const pids = pidsIn(said.err)
    expect(pids).toHaveLength(2)
    expect(pids.filter(lives)).toEqual([])
  }, 180_000)

  it('leaves nothing when it is interrupted', async () => {
    const child = start()
    const said = heard(child)
    while (!/\d+ of [\d,]+ published/.test(said.out) && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 50))
    const database = /in (\S+tocsin-quickstart-\S+)/.exec(said.out)?.[1] ?? ''
    expect(existsSync(database)).toBe(true)
    child.kill('SIGINT')
    expect(await once(child, 'close')).toEqual([130, null])
    expect(said.err).toBe('')
    expect(pidsIn(said.out).filter(lives)).toEqual([])
    expect(existsSync(database)).toBe(false)
  }, 180_000)

  it('does not touch a folder that has an instance already', async () => {
    const child = start('--keep', join(folder, 'kept'))
    const said = heard(child)
    expect(await once(child, 'close')).toEqual([1, null])
    expect(said.err).toMatch(/already there/)
  }, 60_000)
})

const STORY: Story = { cast: [], steps: [] }

/** A ledger of three events about one badge, which everybody but door control should hear of. */
function ledgerOfThree(): Ledger {
  const ledger = new Ledger()
  for (const [index, id] of ['a', 'b', 'c'].entries()) {
    const sequence = String(index + 1).padStart(20, '0')
    const receipt: Receipt = { id, source: '/s', type: 't', sequence, state: 'admitted', duplicate: false }
    const fact = { about: 'other', succeeded: true, northgateSees: true } as const
    ledger.accept({ system: 'registry', story: STORY, sentAt: 1_000 }, receipt, fact)
  }
  return ledger
}

const arrival = (subscriber: string, id: string, more: Partial<Arrival> = {}): Arrival => ({
  ...{ subscriber, source: '/s', id, type: 't', subject: 'badge', at: 1_010, status: 204 },
  ...more,
})

const ALL = ['siem', 'directory'].flatMap((subscriber) => ['a', 'b', 'c'].map((id) => arrival(subscriber, id)))
const reckoned = (arrivals: readonly Arrival[]) => reckon(ledgerOfThree(), arrivals, 0)
const FLAWLESS = { deliveries: 6, lost: 0, duplicates: 0, outOfOrder: 0, unexpected: 0, retries: 0 }

describe('the reckoning', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(reckoned(ALL)).toMatchObject(FLAWLESS)
    expect(reckoned(ALL).perSystem.registry).toEqual({
      ...{ published: 3, delivered: 6, filtered: 3, notVisible: 0, orderKept: true, p50: 10, p99: 10 },
    })
  })

  it('notices what is lost', () => {
    expect(reckoned(ALL.slice(1))).toMatchObject({ ...FLAWLESS, deliveries: 5, lost: 1 })
    const refused = arrival('siem', 'a', { status: 503 })
    expect(reckoned([refused, ...ALL.slice(1)])).toMatchObject({ ...FLAWLESS, deliveries: 5, lost: 1 })
  })

  it('notices what comes again after it was acknowledged, and takes a retry for what it is', () => {
    expect(reckoned([...ALL, arrival('siem', 'c')])).toMatchObject({ ...FLAWLESS, duplicates: 1 })
    const refused = arrival('siem', 'a', { status: 503 })
    expect(reckoned([refused, ...ALL])).toMatchObject({ ...FLAWLESS, retries: 1 })
  })

  it('notices what is out of order, among what is about the same thing', () => {
    const [a, b, ...rest] = ALL
    if (!a || !b) throw new TypeError('there are six')
    const swapped = reckoned([b, a, ...rest])
    expect(swapped).toMatchObject({ ...FLAWLESS, outOfOrder: 1 })
    expect(swapped.perSystem.registry.orderKept).toBe(false)
    expect(reckoned([b, { ...a, subject: 'another' }, ...rest])).toMatchObject(FLAWLESS)
  })

  it('notices who hears of what is not for them, and of what nobody published', () => {
    expect(reckoned([...ALL, arrival('doors', 'a')])).toMatchObject({ ...FLAWLESS, unexpected: 1 })
    expect(reckoned([...ALL, arrival('siem', 'x')])).toMatchObject({ ...FLAWLESS, unexpected: 1 })
  })
})
