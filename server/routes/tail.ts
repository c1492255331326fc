/**
 * Events as they are admitted, as server-sent events (WHATWG HTML, section 9.2).
 */
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type EventView, type Hub, InvalidInput } from '../../src/index.js'
import { principalOf } from '../auth.js'
import { operation } from '../operation.js'
import { listOf, Query, Sequence, Texts } from '../query.js'

const QUERY = Query({
  type: Texts('Event types.'),
  after: Sequence('digits: the sequence after which to start. `Last-Event-ID` goes before it.'),
})

const LAST_EVENT_ID = Type.Object({
  'last-event-id': Type.Optional(Type.String({ description: 'The id of the last message that was read.' })),
})

const STREAM = {
  description: 'The stream; the id of each message is the event’s sequence, its data the event as CloudEvents JSON.',
  content: { 'text/event-stream': { schema: { type: 'string' } } },
}

export const tailRoutes =
  (hub: Hub, heartbeat: number): FastifyPluginAsyncTypebox =>
  async (app) => {
    const closing = new AbortController()
    app.addHook('preClose', async () => closing.abort())

    app.get(
      '/v1/events/tail',
      {
        ...operation(
          {
            operationId: 'tailEvents',
            summary: 'Events as they are admitted',
            description: 'Resumes after `Last-Event-ID`. A comment now and then keeps the line open.',
            tag: 'events',
            scope: 'events:read',
          },
          { querystring: QUERY, headers: LAST_EVENT_ID, response: { 200: STREAM } },
        ),
        exposeHeadRoute: false,
      },
      async (request, reply) => {
        const after = await startOf(hub, request, request.query.after)
        const ended = new AbortController()
        const signal = AbortSignal.any([ended.signal, closing.signal])
        const events = hub.events.tail(request.caller, { after, types: listOf(request.query.type), signal })
        const out = new PassThrough()
        out.once('close', () => ended.abort())
        keepAlive(hub, request, out, ended, heartbeat)
        void copy(events, out, signal).catch((error) => out.destroy(error))
        reply.headers({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' })
        return reply.send(out)
      },
    )
  }

/** @throws InvalidInput for an id that is not one of ours, or that no event has reached. */
async function startOf(hub: Hub, request: FastifyRequest, query: string | undefined): Promise<number | undefined> {
  const header = request.headers['last-event-id']
  const text = header === undefined || header === '' ? query : header
  if (text === undefined) return undefined
  const field = header === text ? 'last-event-id' : 'after'
  const isSequence = typeof text === 'string' && /^[0-9]{1,20}$/.test(text) && Number.isSafeInteger(Number(text))
  if (!isSequence)
    throw badStart(field, 'This is not the sequence of an event.', 'the id of the last message that was read')
  const head = await hub.events.head(request.caller)
  if (Number(text) <= head) return Number(text)
  // After a restore from a backup, say: to wait for it would be to miss what comes until then.
  throw badStart(
    field,
    'No event has had this sequence yet.',
    `at most ${head}, the newest; the log may have been restored`,
  )
}

const badStart = (field: string, message: string, expected: string) =>
  new InvalidInput('invalid_request', message, { field, expected })

/** Writes as fast as the reader reads, no faster. */
async function copy(events: AsyncIterable<EventView>, out: PassThrough, signal: AbortSignal): Promise<void> {
  out.write(':\n\n')
  for await (const view of events) {
    if (!out.write(messageOf(view))) await once(out, 'drain', { signal }).catch(() => null)
    if (signal.aborted) break
  }
  out.end()
}

const messageOf = (view: EventView): string => `id: ${view.sequence}\ndata: ${JSON.stringify(view.event)}\n\n`

/** A comment at each beat; a key that was revoked or a session that ended meanwhile ends the stream. */
function keepAlive(hub: Hub, request: FastifyRequest, out: PassThrough, ended: AbortController, beat: number): void {
  const timer = setInterval(() => {
    if (!out.writableNeedDrain) out.write(':\n\n')
    principalOf(hub, request).catch(() => ended.abort())
  }, beat)
  ended.signal.addEventListener('abort', () => clearInterval(timer), { once: true })
  out.once('close', () => clearInterval(timer))
}
