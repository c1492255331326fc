import { context, ROOT_CONTEXT, type Span, type SpanContext, type Tracer, trace } from '@opentelemetry/api'
import { afterEach, describe, expect, it } from 'vitest'
import { traceParentHere, withSpan } from './telemetry.js'

const TRACE_PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

interface Recorded {
  readonly name: string
  readonly parent: SpanContext | undefined
  readonly events: string[]
}

/** The smallest tracer provider: it records what is asked of it, and makes real context ids. */
function recorder(spans: Recorded[]) {
  const start = (name: string, parent: SpanContext | undefined): Span => {
    const span: Recorded = { name, parent, events: [] }
    spans.push(span)
    const fake: Partial<Span> = {
      spanContext: () => ({
        traceId: parent?.traceId ?? '1'.repeat(32),
        spanId: String(spans.length).padStart(16, '0'),
        traceFlags: 1,
      }),
      isRecording: () => true,
      recordException: () => void span.events.push('exception'),
      setStatus: () => {
        span.events.push('status')
        return fake as Span
      },
      end: () => void span.events.push('end'),
    }
    return fake as Span
  }
  const tracer = {
    startActiveSpan: (name: string, _: unknown, parent: typeof ROOT_CONTEXT, run: (span: Span) => unknown) => {
      const span = start(name, trace.getSpanContext(parent))
      return context.with(trace.setSpan(parent, span), () => run(span))
    },
  }
  return { getTracer: () => tracer as Partial<Tracer> as Tracer }
}

describe('spans', () => {
  afterEach(() => {
    trace.disable()
    context.disable()
  })

  it('run without an SDK, synchronously where the work is', async () => {
    expect(withSpan('a', {}, () => 1)).toBe(1)
    expect(await withSpan('a', {}, async () => 2)).toBe(2)
    expect(() => withSpan('a', {}, () => JSON.parse('{'))).toThrow(SyntaxError)
    await expect(withSpan('a', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(traceParentHere()).toBeUndefined()
  })

  it('end once, after the promise, and record what was thrown', async () => {
    const spans: Recorded[] = []
    trace.setGlobalTracerProvider(recorder(spans))
    const work = withSpan('async', {}, () => new Promise((done) => setTimeout(done, 5)))
    expect(spans[0]?.events).toEqual([])
    await work
    await expect(withSpan('fails', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(spans.map(({ events }) => events)).toEqual([['end'], ['exception', 'status', 'end']])
  })

  it('carry a trace in and out', () => {
    const spans: Recorded[] = []
    trace.setGlobalTracerProvider(recorder(spans))
    context.setGlobalContextManager(stackManager())
    const out = withSpan('in', {}, () => traceParentHere(), TRACE_PARENT)
    expect(spans[0]?.parent).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    })
    expect(out).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-0{15}1-01$/)
  })

  it.each([
    '',
    'x',
    TRACE_PARENT.toUpperCase(),
    `${TRACE_PARENT}-1`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `ff${TRACE_PARENT.slice(2)}`,
  ])('take %j for no parent', (traceParent) => {
    const spans: Recorded[] = []
    trace.setGlobalTracerProvider(recorder(spans))
    withSpan('in', {}, () => 1, traceParent)
    expect(spans[0]?.parent).toBeUndefined()
  })
})

/** Enough of a context manager for synchronous code. */
function stackManager() {
  const stack = [ROOT_CONTEXT]
  const manager = {
    active: () => stack.at(-1) ?? ROOT_CONTEXT,
    with: <T>(next: typeof ROOT_CONTEXT, run: (...args: unknown[]) => T, self?: unknown, ...args: unknown[]): T => {
      stack.push(next)
      try {
        return run.apply(self, args)
      } finally {
        stack.pop()
      }
    },
    bind: <T>(_: unknown, target: T): T => target,
    enable: () => manager,
    disable: () => manager,
  }
  return manager as Parameters<typeof context.setGlobalContextManager>[0]
}
