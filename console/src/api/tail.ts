/**
 * Events as they are admitted: one stream for all pages, opened anew after a loss, later each time.
 */
import { useEffect, useState } from 'preact/hooks'
import { headersNow } from './client.js'

export type Line = 'live' | 'connecting' | 'off'

const FIRST_WAIT = 1_000
const MOST_WAIT = 30_000
/** Pages are told at most so often, in milliseconds, however many events come. */
const PACE = 1_000

const listeners = new Set<() => void>()
const watchers = new Set<(line: Line) => void>()
let line: Line = 'off'
let running: AbortController | null = null
let last: string | null = null
let pending: ReturnType<typeof setTimeout> | null = null

/** Calls when something was admitted. */
export function useTail(told: () => void): void {
  useEffect(() => {
    listeners.add(told)
    return () => void listeners.delete(told)
  })
}

export function useLine(): Line {
  const [now, set] = useState(line)
  useEffect(() => {
    watchers.add(set)
    return () => void watchers.delete(set)
  }, [])
  return now
}

export function startTail(): void {
  stopTail()
  running = new AbortController()
  void follow(running.signal)
}

export function stopTail(): void {
  running?.abort()
  running = null
  last = null
  say('off')
}

/** Nobody looks: the stream is let go, and taken up where it was. */
document.addEventListener('visibilitychange', () => {
  if (line === 'off') return
  running?.abort()
  running = new AbortController()
  if (document.hidden) say('connecting')
  else void follow(running.signal).then(tell)
})

async function follow(signal: AbortSignal): Promise<void> {
  let wait = FIRST_WAIT
  while (!signal.aborted) {
    say('connecting')
    const read = await readStream(signal).catch(() => false)
    if (signal.aborted) return
    wait = read ? FIRST_WAIT : Math.min(wait * 2, MOST_WAIT)
    // Not all at once after a restart.
    await pause(wait * (0.5 + Math.random()), signal)
  }
}

/** @returns whether anything was read */
async function readStream(signal: AbortSignal): Promise<boolean> {
  const headers = { ...headersNow(), ...(last !== null && { 'last-event-id': last }) }
  const response = await fetch('/v1/events/tail', { headers, signal })
  // After a restore that id may never have been.
  if (response.status === 422) last = null
  if (!response.ok || !response.body) return false
  say('live')
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return true
    const ids = [...`${rest}${value}`.matchAll(/^id: (\d+)\n/gm)]
    rest = `${rest}${value}`.slice(-64)
    const newest = ids.at(-1)?.[1]
    if (newest === undefined || newest === last) continue
    last = newest
    tell()
  }
}

function tell(): void {
  if (pending !== null) return
  pending = setTimeout(() => {
    pending = null
    for (const told of listeners) told()
  }, PACE)
}

function say(now: Line): void {
  line = now
  for (const told of watchers) told(now)
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    const stop = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', stop, { once: true })
  })
