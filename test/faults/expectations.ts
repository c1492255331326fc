import { expect } from 'vitest'
import type { BackupReport } from './backup.js'
import type { FullDiskReport } from './disk-full.js'
import { type KillReport, WORKERS } from './kill-rounds.js'
import type { ShutdownReport } from './shutdown.js'
import type { SyncFailure } from './sync-runs.js'

/** The figures are shown whether it passes or not: a test of chance without its numbers says little. */
export function expectNothingLost(report: KillReport): void {
  const { paths, ...figures } = report
  const duplicates = Object.values(paths).reduce((sum, path) => sum + path.duplicates, 0)
  process.stdout.write(`${JSON.stringify({ ...figures, duplicates })}\n`)
  for (const path of ['/steady', '/flaky'] as const)
    expect(paths[path], path).toMatchObject({ lost: [], renamed: [], needless: [], disorder: [] })
  expect(paths['/free'], '/free').toMatchObject({ lost: [], renamed: [], needless: [] })
  expect(duplicates).toBeLessThanOrEqual(report.kills * WORKERS)
  expect(report.exitCode).toBe(0)
  expect(report.checked).toContain('checked')
}

/** It either refuses to start, and says why, or accepts until the disk fails and nothing afterwards. */
export function expectSyncFailureTold(report: SyncFailure): void {
  const told = `sync ${report.failing}`
  expect(report.injected, told).toBeGreaterThan(0)
  expect([0, 1], told).toContain(report.ended)
  if (report.refusedToStart) expect(report.lastWords, told).toContain('unavailable')
  else {
    expect(report.after, told).toHaveLength(6)
    for (const { status, code } of report.after) expect([status, code], told).toEqual([503, 'unavailable'])
    expect(report.ready, told).toBe(503)
    if (report.promised.length > 0) expect(report.read, told).toBe(200)
  }
  expect(report.missing, told).toEqual([])
  expect(report.next, told).toBe(202)
}

export function expectFullDiskTold(report: FullDiskReport): void {
  expect(report.promised).toBeGreaterThan(10)
  expect(report.refusals).toHaveLength(5)
  for (const refusal of report.refusals) expect(refusal).toEqual({ status: 503, code: 'unavailable' })
  expect(report.reads).toEqual([200, 200])
  // What was delivered while nothing could be recorded comes again, under the same id.
  expect(report.verdict).toMatchObject({ lost: [], renamed: [], disorder: [] })
  expect(report.exitCode).toBe(0)
  expect(report.missing).toEqual([])
}

export function expectCleanStop({ verdict, exitCodes, ...figures }: ShutdownReport): void {
  process.stdout.write(`${JSON.stringify({ ...figures, duplicates: verdict.duplicates })}\n`)
  expect(figures.promised).toBeGreaterThan(0)
  expect(exitCodes.filter((code) => code !== 0)).toEqual([])
  expect(verdict).toEqual({ lost: [], renamed: [], needless: [], duplicates: 0, disorder: [] })
}

/** What was promised before the copy began is in it, and of everything after a beginning without gaps. */
export function expectPrefix({ promisedBefore, copied, sequences, epochs }: BackupReport): void {
  const there = new Set(copied)
  expect(promisedBefore.filter((id) => !there.has(id))).toEqual([])
  expect(promisedBefore.length).toBeGreaterThan(0)
  expect(gapsIn(copied)).toEqual([])
  expect(sequences).toEqual(sequences.map((_, index) => index + 1))
  expect(new Set(epochs).size).toBe(2)
}

/** Ids (`s3.17`) whose forerunner is missing. */
function gapsIn(ids: readonly string[]): readonly string[] {
  const there = new Set(ids)
  return ids.filter((id) => {
    const [subject, number] = id.split('.')
    return number !== '1' && !there.has(`${subject}.${Number(number) - 1}`)
  })
}
