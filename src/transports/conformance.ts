/**
 * The executable half of the transport contract: what every way out must do, whatever it speaks.
 * A plug-in's author proves a transport with it, against the real server at the other end:
 *
 *     transportConformance({ describe, test: it, create: async () => ({ transport, target, ... }) })
 */
import assert from 'node:assert/strict'
import { type AnyEvent, formatSequence } from '../event/envelope.js'
import type { OutgoingMessage, Sender, SendOutcome, SigningSecret, Transport } from './transport.js'

export interface ReceivedMessage {
  /** The message's id, where the channel carries it. */
  readonly id?: string
  /** What arrived, or the part of it that is the format's body. */
  readonly body: string
}

/** A transport and a real receiver of its own for one test. */
export interface TransportUnderTest {
  readonly transport: Transport
  /** Leads to the receiver; holds a canary in each of its secret fields. */
  readonly target: Readonly<Record<string, unknown>>
  /** The canaries: no text of an outcome or an error may hold one. */
  readonly canaries: readonly string[]
  readonly secrets?: readonly SigningSecret[]
  readonly badTargets: readonly BadTarget[]
  /** A repeat is recognised by the message's id, or changes nothing: it arrives once. */
  readonly repeatsArriveOnce?: true
  /** All that arrived so far. */
  received(): Promise<readonly ReceivedMessage[]>
  /** From now on the receiver takes messages and answers nothing; or why there is no such thing. */
  readonly silence: (() => Promise<void>) | { readonly notPossible: string }
  /** From now on the receiver answers with an error that repeats all it was sent; or why there is no such thing. */
  readonly failure: (() => Promise<void>) | { readonly notPossible: string }
  close(): Promise<void>
}

export interface BadTarget {
  readonly target: Readonly<Record<string, unknown>>
  readonly field: string
}

export interface ConformanceRun {
  describe(title: string, body: () => void): void
  test(title: string, body: () => Promise<void>): void
  create(): Promise<TransportUnderTest>
}

/** Milliseconds within which an aborted send must end. */
const PROMPT = 1_000

export function transportConformance({ describe, test, create }: ConformanceRun): void {
  const proves = (title: string, proof: (under: TransportUnderTest) => Promise<void>) =>
    test(title, async () => {
      const under = await create()
      try {
        await proof(under)
      } finally {
        await under.close()
      }
    })

  describe('every transport', () => {
    proves('describes itself', describesItself)
    proves('accepts its target', ({ transport, target }) => transport.check(target))
    proves('refuses a bad target, naming the field', refusesBadTargets)
    proves('delivers what the format wrote', deliversTheBody)
    proves('carries the same id when a message is repeated', repeatsTheId)
    proves('delivers messages sent at once, each once', deliversConcurrently)
    proves('does not begin when the signal is aborted already', staysAway)
    proves('ends promptly when aborted, with the reason', endsWhenAborted)
    proves('answers a failure with an outcome that holds no secret', keepsSecrets)
    proves('closes, and opens again', closesAndOpens)
  })
}

async function describesItself({ transport, target }: TransportUnderTest): Promise<void> {
  assert.match(transport.name, /^[a-z][a-z0-9-]*$/)
  assert.notEqual(transport.title, '')
  assert.match(transport.promise, /^(at least once|effectively once|best effort)/)
  assert.equal(transport.target.type, 'object')
  const described = Object.keys(Object(transport.target.properties))
  for (const field of Object.keys(target)) assert.ok(described.includes(field), `${field} is not described`)
}

async function refusesBadTargets({ transport, badTargets, canaries }: TransportUnderTest): Promise<void> {
  const refusal = (bad: BadTarget) => (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && 'field' in error, String(error))
    assert.ok(error.code === 'invalid_request' || error.code === 'target_refused', String(error.code))
    assert.equal(error.field, bad.field)
    holdsNone(error.message, canaries)
    return true
  }
  assert.notEqual(badTargets.length, 0)
  for (const bad of badTargets) await assert.rejects(transport.check(bad.target), refusal(bad))
}

async function deliversTheBody(under: TransportUnderTest): Promise<void> {
  const message = messageOf(1, { note: 'Zoë \u2028 "quoted" \\ \u0007 \u{1F511}' })
  await withSender(under, async (send) => isDelivered(await send(message)))
  assert.deepEqual(bodiesOf(await under.received()), bodiesOf([message]))
}

/** A repeat that `effectively once` promises to recognise arrives once. */
async function repeatsTheId(under: TransportUnderTest): Promise<void> {
  const once = under.repeatsArriveOnce || under.transport.promise.startsWith('effectively once')
  const times = once ? 1 : 2
  await withSender(under, async (send) => {
    isDelivered(await send(messageOf(1)))
    isDelivered(await send({ ...messageOf(1), attempt: 2, time: messageOf(1).time + 1_000 }))
  })
  const received = await under.received()
  assert.equal(received.length, times)
  assert.deepEqual(received[0]?.id, received.at(-1)?.id)
  assert.deepEqual(received[0]?.body, received.at(-1)?.body)
}

async function deliversConcurrently(under: TransportUnderTest): Promise<void> {
  const messages = Array.from({ length: 50 }, (_, number) => messageOf(number + 1))
  await withSender(under, async (send) => {
    for (const outcome of await Promise.all(messages.map((message) => send(message)))) isDelivered(outcome)
  })
  assert.deepEqual(bodiesOf(await under.received()).sort(), bodiesOf(messages).sort())
}

async function staysAway(under: TransportUnderTest): Promise<void> {
  const reason = new Error('called off')
  await withSender(under, (send) => assert.rejects(send(messageOf(1), AbortSignal.abort(reason)), reason))
  assert.deepEqual(await under.received(), [])
}

async function endsWhenAborted(under: TransportUnderTest): Promise<void> {
  if (typeof under.silence !== 'function') return void assert.notEqual(under.silence.notPossible, '')
  await under.silence()
  await withSender(under, async (send) => {
    const signal = AbortSignal.timeout(100)
    const startedAt = performance.now()
    await assert.rejects(send(messageOf(1), signal), (error) => error === signal.reason)
    assert.ok(performance.now() - startedAt < 100 + PROMPT)
  })
}

async function keepsSecrets(under: TransportUnderTest): Promise<void> {
  if (typeof under.failure !== 'function') return void assert.notEqual(under.failure.notPossible, '')
  await under.failure()
  await withSender(under, async (send) => {
    const outcome = await send(messageOf(1))
    assert.notEqual(outcome.outcome, 'delivered')
    holdsNone(JSON.stringify(outcome), under.canaries)
  })
}

async function closesAndOpens(under: TransportUnderTest): Promise<void> {
  await withSender(under, async (send) => isDelivered(await send(messageOf(1))))
  await withSender(under, async (send) => isDelivered(await send(messageOf(2))))
  assert.equal((await under.received()).length, 2)
}

type Send = (message: OutgoingMessage, signal?: AbortSignal) => Promise<SendOutcome>

async function withSender(under: TransportUnderTest, use: (send: Send) => Promise<void>): Promise<void> {
  const sender: Sender = under.transport.open(under.target, under.secrets)
  try {
    await use((message, signal = new AbortController().signal) => sender.send(message, signal))
  } finally {
    await sender.close?.()
  }
}

function isDelivered(outcome: SendOutcome): void {
  assert.equal(outcome.outcome, 'delivered', JSON.stringify(outcome))
}

function holdsNone(text: string, canaries: readonly string[]): void {
  for (const canary of canaries) assert.ok(!text.includes(canary), 'a secret is in the text')
}

/** As JSON, not as text: a log may escape more than the format did. */
const bodiesOf = (received: readonly { readonly body: string }[]): string[] =>
  received.map(({ body }) => JSON.stringify(JSON.parse(body)))

/** A message as the delivery of an event makes it. */
function messageOf(number: number, data: Readonly<Record<string, unknown>> = { number }): OutgoingMessage {
  const event: AnyEvent = {
    id: `event-${number}`,
    source: 'https://cms.example.org',
    type: 'device.issued',
    subject: 'device:1',
    tenant: 'default',
    sequence: formatSequence(number),
    data,
  }
  const attributes = {
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: event.type,
    subject: event.subject,
  }
  return {
    id: `msg_${number}`,
    event,
    time: 1_795_262_400_000 + number,
    attempt: 1,
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({ ...attributes, data }),
  }
}
