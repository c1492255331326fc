/**
 * A server whose wall clock is what a file says: ahead of ours or behind it by so many seconds. Its monotonic clock is right.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Need } from '../tools.js'

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1'

export const FAKETIME: Need = { there: existsSync(LIBRARY), without: 'libfaketime' }

/** Each process of the server looks into the file once a second, so for that long they disagree. */
export const wrongClock = (folder: string): Readonly<Record<string, string>> => {
  setClock(folder, 0)
  return {
    LD_PRELOAD: LIBRARY,
    FAKETIME_TIMESTAMP_FILE: join(folder, 'clock'),
    FAKETIME_CACHE_DURATION: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DISABLE_SHM: '1',
  }
}

/** @param skew in milliseconds */
export const setClock = (folder: string, skew: number): void =>
  writeFileSync(join(folder, 'clock'), `${skew < 0 ? '-' : '+'}${Math.abs(skew) / 1_000}\n`)
