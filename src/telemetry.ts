/**
 * What is done, as spans of OpenTelemetry, which cost next to nothing without an SDK; and what went wrong, as a line of the log.
 */
import {
  type Attributes,
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  ProxyTracerProvider,
  type Span,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api'

/** Looked up at each use, so that an SDK started later counts. Undefined: there is none. */
function tracer(): Tracer | undefined {
  const provider = trace.getTracerProvider()
  return provider instanceof ProxyTracerProvider ? provider.getDelegateTracer('tocsin') : provider.getTracer('tocsin')
}

const NOBODY = trace.wrapSpanContext(INVALID_SPAN_CONTEXT)

/** W3C Trace Context: version 00, then trace id, parent id, flags. All-zero ids are invalid and refused by the API. */
const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** The context a `traceparent` names; the present one if it is absent or malformed. */
function contextOf(traceParent: string | undefined): Context {
  if (traceParent === undefined) return context.active()
  const [, traceId = '', spanId = '', flags = '0'] = TRACE_PARENT.exec(traceParent) ?? []
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
  return isSpanContextValid(remote) ? trace.setSpanContext(context.active(), remote) : context.active()
}

/** `traceparent` of the span we are in; undefined without one. */
export function traceParentHere(): string | undefined {
  const here = trace.getSpanContext(context.active())
  if (here === undefined || !isSpanContextValid(here)) return undefined
  return `00-${here.traceId}-${here.spanId}-${here.traceFlags.toString(16).padStart(2, '0')}`
}

/**
 * Runs inside a span that ends when `run` answers, or when its promise settles; what it throws is recorded and goes on.
 * A synchronous `run` stays synchronous. `traceParent`: where the trace began, in another process.
 */
export function withSpan<T>(name: string, attributes: Attributes, run: (span: Span) => T, traceParent?: string): T {
  const ours = tracer()
  // Where a trace began elsewhere it is carried on, also without an SDK.
  if (ours === undefined && traceParent === undefined) return run(NOBODY)
  return (ours ?? trace.getTracer('tocsin')).startActiveSpan(name, { attributes }, contextOf(traceParent), (span) => {
    // Nobody listens: without an SDK, or not sampled.
    if (!span.isRecording()) return run(span)
    try {
      const answer = run(span)
      if (!isPromise(answer)) return ended(span, answer)
      return answer.then(
        (value) => ended(span, value),
        (error: unknown) => failed(span, error),
      ) as T
    } catch (error) {
      return failed(span, error)
    }
  })
}

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise

function ended<T>(span: Span, answer: T): T {
  span.end()
  return answer
}

function failed(span: Span, error: unknown): never {
  const message = error instanceof Error ? error.message : String(error)
  span.recordException(error instanceof Error ? error : message)
  span.setStatus({ code: SpanStatusCode.ERROR, message })
  span.end()
  throw error
}

/** An error as a line shows it: its text and its code, never its data. */
export function inShort(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { error: String(error) }
  return { error: error.message, ...('code' in error && { code: error.code }) }
}
