import { context, ROOT_CONTEXT, type Span, type SpanContext, type Tracer, trace } from '@opentelemetry/api'
import { afterEach, describe, expect, it } from 'vitest'
import { createLogger, createMetrics, prettyLine, traceParentHere, withSpan } from './telemetry.js'

const TRACE_PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

function logInto(lines: Record<string, unknown>[], level = 'info') {
  return createLogger({ level, pretty: false }, { write: (line) => lines.push(JSON.parse(line)) })
}

describe('the log', () => {
  it('writes a level, a time and the message, and hides what is named like a secret', () => {
    const lines: Record<string, unknown>[] = []
    logInto(lines).info(
      {
        key: 'k1',
        target: { secret: 'k2', url: 'u' },
        request: { headers: { authorization: 'k3' } },
        password: 'k4',
        token: 'k5',
      },
      'hello',
    )
    expect(lines[0]).toMatchObject({ level: 'info', msg: 'hello', target: { secret: '***', url: 'u' } })
    expect(JSON.stringify(lines)).not.toMatch(/k\d/)
  })

  it('keeps quiet below its level', () => {
    const lines: Record<string, unknown>[] = []
    logInto(lines, 'warn').info('no')
    expect(lines).toEqual([])
  })

  it('writes for people without obeying the control characters of data', () => {
    const out: string[] = []
    const log = createLogger({ level: 'info', pretty: true }, { write: (line) => out.push(line) })
    log.warn({ subject: '\u001b[2Jada\u202e', 'a\u001bb': '\u009b1m' }, 'seen\u0007')
    expect(out[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}seen\\u0007 subject="\\u001b\[2Jada\\u202e" a\\u001bb="\\u009b1m"\n$/,
    )
    expect(prettyLine('{"level":"info","time":"2026-01-02T03:04:05.678Z"}')).toBe('03:04:05.678 INFO  ')
  })
})

describe('metrics', () => {
  it('counts, and reads gauges only when somebody looks', async () => {
    const metrics = createMetrics()
    let reads = 0
    metrics.observe({
      queueDepth: async () => ({ due: 3, done: ++reads }),
      untold: async () => 7,
      openLeases: () => 2,
      breakers: () => ({ open: 1 }),
      inbox: async () => ({ pending: 4, refused: 5, age: 2_500 }),
      nodes: async () => ({ ready: 3, lost: 1 }),
      captures: () => [],
      plugins: () => ({ running: 2, broken: 1 }),
    })
    metrics.published('admitted', 0.002)
    metrics.published('admitted', 0.002)
    metrics.published('duplicate', 0.001)
    metrics.attempted('webhook', 'delivered', 0.02)
    metrics.taskEnded('done')
    metrics.committed(40)
    expect(reads).toBe(0)
    const text = await metrics.text()
    expect(reads).toBe(1)
    expect(text).toContain('tocsin_events_published_total{result="admitted"} 2')
    expect(text).toContain('tocsin_publish_seconds_count 3')
    expect(text).toContain('tocsin_attempt_seconds_count{transport="webhook",outcome="delivered"} 1')
    expect(text).toContain('tocsin_tasks_ended_total{state="done"} 1')
    expect(text).toContain('tocsin_commit_admissions_sum 40')
    expect(text).toContain('tocsin_store_up 1')
    expect(text).toContain('tocsin_tasks{state="due"} 3')
    expect(text).toContain('tocsin_untold_subscriptions 7')
    expect(text).toContain('tocsin_breakers{state="open"} 1')
    expect(text).toContain('tocsin_open_leases 2')
    expect(text).toContain('tocsin_inbox{state="refused"} 5')
    expect(text).toContain('tocsin_inbox_oldest_seconds 2.5')
    expect(text).toContain('tocsin_nodes{state="lost"} 1')
  })

  it.each([
    ['fails', () => Promise.reject(new Error('The database is down.'))],
    ['does not answer', () => new Promise<never>(() => {})],
  ])('tells what it knows itself while the store %s', async (_, silent) => {
    const metrics = createMetrics()
    metrics.observe({
      ...{ queueDepth: silent, untold: silent, inbox: silent, nodes: silent },
      openLeases: () => 2,
      breakers: () => ({ open: 1 }),
      captures: () => [],
      plugins: () => ({}),
    })
    metrics.taskEnded('done')
    const text = await metrics.text()
    expect(text).toContain('tocsin_store_up 0')
    expect(text).toContain('tocsin_open_leases 2')
    expect(text).toContain('tocsin_breakers{state="open"} 1')
    expect(text).toContain('tocsin_tasks_ended_total{state="done"} 1')
    expect(text).not.toMatch(/^tocsin_(tasks|nodes|inbox)\{/m)
    expect(text).not.toMatch(/^tocsin_(inbox_oldest_seconds|untold_subscriptions) /m)
  })

  it('forgets a state that is gone', async () => {
    const metrics = createMetrics()
    const states = [{ open: 1 }, { closed: 1 }]
    metrics.observe({
      queueDepth: async () => ({}),
      untold: async () => 0,
      openLeases: () => 0,
      breakers: () => states.shift() ?? {},
      inbox: async () => null,
      nodes: async () => ({}),
      captures: () => [],
      plugins: () => ({ running: 2, broken: 1 }),
    })
    await metrics.text()
    expect(await metrics.text()).not.toContain('state="open"')
  })

  it('keeps two instances apart', async () => {
    const [one, two] = [createMetrics(), createMetrics()]
    one.taskEnded('done')
    expect(await two.text()).not.toContain('state="done"')
  })
})

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
