import { describe, expect, it } from 'vitest'
import { Stop, toAbortSignal } from './stop.js'

describe('what stops a call', () => {
  it('tells its listeners once, and a real signal, whenever that is asked for', () => {
    const told: string[] = []
    const stop = new Stop()
    const before = toAbortSignal(stop)
    const gone = () => told.push('gone')
    stop.addEventListener('abort', () => told.push('first'))
    stop.addEventListener('abort', gone)
    stop.removeEventListener('abort', gone)
    expect(before.aborted).toBe(false)
    const reason = new Error('enough')
    stop.abort(reason)
    stop.abort(new Error('again'))
    expect(told).toEqual(['first'])
    expect(before.reason).toBe(reason)
    expect(() => stop.throwIfAborted()).toThrow(reason)
    const after = new Stop()
    after.abort(reason)
    expect(toAbortSignal(after).reason).toBe(reason)
    const real = new AbortController().signal
    expect(toAbortSignal(real)).toBe(real)
  })
})
