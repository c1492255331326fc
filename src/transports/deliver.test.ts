import { describe, expect, it } from 'vitest'
import { Fault, InvalidInput } from '../errors.js'
import { TypeCatalogue } from '../event/catalogue.js'
import { cloudeventsFormat, toBody } from '../formats/cloudevents.js'
import { fromBody } from '../formats/read-cloudevents.js'
import type { LeasedTask } from '../store/port.js'
import type { EventRow, TaskRow } from '../store/rows.js'
import type { Subscription, SubscriptionSpec } from '../subscriptions/subscription.js'
import { type Sealer, sealSecrets } from '../subscriptions/subscription-secrets.js'
import { createDeliver, type DeliverOptions } from './deliver.js'
import { pullTransport } from './pull.js'
import type { OutgoingMessage, SigningSecret, Transport } from './transport.js'
import { transportsOf } from './transports.js'

const NOW = Date.UTC(2026, 10, 21, 12)

/** A transport that keeps what it is given: the receiver of these tests. */
function recorder(more: Partial<Transport> = {}) {
  const sent: OutgoingMessage[] = []
  const opened: { target: unknown; secrets: readonly SigningSecret[] | undefined }[] = []
  const closed: number[] = []
  const transport: Transport = {
    name: 'recorder',
    title: 'Recorder',
    promise: 'best effort',
    target: { type: 'object' },
    defaultFormat: 'cloudevents',
    check: async () => undefined,
    open(target, secrets) {
      const number = opened.push({ target, secrets })
      return {
        async send(message) {
          sent.push(message)
          return { outcome: 'delivered' }
        },
        close: async () => void closed.push(number),
      }
    },
    ...more,
  }
  return { transport, sent, opened, closed }
}

const types = new TypeCatalogue([{ name: 'device.issued', title: 'Issued', category: 'device', sensitive: ['pin'] }])

/** Seals nothing, but knows for whom it was: the context stands before the text. */
const OPEN_SEAL: Sealer = {
  seal: (plain, context) => context + plain,
  open(sealed, context) {
    if (sealed.startsWith(context)) return sealed.slice(context.length)
    throw new Fault('seal_broken', 'A sealed secret cannot be opened.')
  },
}

function deliverBy(transport: Transport, more: Partial<DeliverOptions> = {}) {
  return createDeliver({
    transports: transportsOf([transport, pullTransport]),
    formats: new Map([[cloudeventsFormat.name, cloudeventsFormat]]),
    types,
    sealer: OPEN_SEAL,
    now: () => NOW,
    onCloseError: (error) => {
      throw error
    },
    ...more,
  })
}

const DATA = { device: 'd1', pin: '1234' }

function leased(more: Partial<EventRow> = {}, task: Partial<TaskRow> = {}): LeasedTask {
  const event: EventRow = {
    tenant: 'acme',
    sequence: 7,
    source: '/cms',
    id: 'e1',
    type: 'device.issued',
    subject: 'device:1',
    partitionKey: 'device:1',
    superOwner: null,
    transactionId: null,
    parentId: null,
    rootId: null,
    priority: 'normal',
    receivedAt: NOW - 1_000,
    executeAt: null,
    expiresAt: null,
    state: 'admitted',
    processedOrder: null,
    hash: '',
    principal: 'k1',
    body: toBody({ id: 'e1', source: '/cms', type: 'device.issued', tenant: 'acme', data: DATA }),
    ...more,
  } as EventRow
  return {
    event,
    task: {
      tenant: event.tenant,
      sequence: event.sequence,
      subscription: 's1',
      attempts: 1,
      replayedAt: null,
      ...task,
    } as TaskRow,
    gone: false,
  }
}

function subscription(spec: Partial<SubscriptionSpec> = {}, more: Partial<Subscription> = {}): Subscription {
  const whole = {
    name: 's',
    payload: 'full',
    redaction: 'none',
    transport: 'recorder',
    target: {},
    ...spec,
  } as SubscriptionSpec
  return { tenant: 'acme', id: 's1', revision: 1, secrets: null, spec: whole, ...more } as Subscription
}

const quiet = () => new AbortController().signal
const onlyOf = <T>(list: readonly T[]): T => {
  const [first] = list
  if (first === undefined || list.length !== 1) throw new Error(`${list.length} instead of one`)
  return first
}

describe('a delivery', () => {
  it('sends the stored text with its place, which says what the event says', async () => {
    const { transport, sent } = recorder()
    const outcome = await deliverBy(transport).deliver(leased(), subscription(), quiet())
    expect(outcome).toEqual({ outcome: 'delivered' })
    const message = onlyOf(sent)
    expect(JSON.parse(message.body)).toMatchObject({ id: 'e1', sequence: '00000000000000000007', data: DATA })
    expect(message.body).toBe(cloudeventsFormat.encode(message.event).body)
    expect(message).toMatchObject({
      time: NOW,
      attempt: 1,
      headers: { 'content-type': 'application/cloudevents+json' },
    })
  })

  it('removes what the subscriber must not see, from the body and from the event', async () => {
    const { transport, sent } = recorder()
    await deliverBy(transport).deliver(leased(), subscription({ redaction: 'sensitive' }), quiet())
    const { body, event } = onlyOf(sent)
    expect(body).not.toContain('1234')
    expect(event.data).toEqual({ device: 'd1' })
    expect(fromBody(body)).toMatchObject({ sequence: '00000000000000000007', tenant: 'acme' })
  })

  it('sends the payload that was asked for, or says that there is none', async () => {
    const { transport, sent } = recorder()
    const { deliver } = deliverBy(transport)
    await deliver(leased(), subscription({ payload: { cel: '{"d": data.device}' } }), quiet())
    expect(onlyOf(sent).event.data).toEqual({ d: 'd1' })
    const failed = await deliver(leased(), subscription({ payload: { cel: '{"d": data.nothing.at.all}' } }), quiet())
    expect(failed).toMatchObject({ outcome: 'refused', code: 'payload_failed' })
  })

  it('is known by an id that stays over attempts and replays and differs by subscription, tenant and receipt', async () => {
    const { transport, sent } = recorder()
    const { deliver } = deliverBy(transport)
    await deliver(leased(), subscription(), quiet())
    await deliver(leased({ sequence: 99 }, { attempts: 5 }), subscription({}, { revision: 2 }), quiet())
    await deliver(leased({}, { subscription: 's2' }), subscription({}, { id: 's2' }), quiet())
    await deliver(leased({ tenant: 'other' }), subscription({}, { tenant: 'other' }), quiet())
    await deliver(leased({ receivedAt: NOW }), subscription(), quiet())
    const ids = sent.map(({ id }) => id)
    expect(ids[0]).toBe(ids[1])
    expect(new Set(ids).size).toBe(4)
    for (const id of ids) expect(id).toMatch(/^msg_[A-Za-z0-9_-]{22}$/)
  })
})

describe('secrets', () => {
  it('reach the sender, the target whole again and the signing ones apart', async () => {
    const { transport, opened } = recorder()
    const signing = [{ secret: 'whsec_a' }, { secret: 'whsec_b', until: NOW + 1 }]
    const secrets = sealSecrets({ target: { '/headers': { 'x-key': 'k' } }, signing }, subscription(), OPEN_SEAL)
    await deliverBy(transport).deliver(leased(), subscription({ target: { url: 'u' } }, { secrets }), quiet())
    expect(onlyOf(opened)).toEqual({ target: { url: 'u', headers: { 'x-key': 'k' } }, secrets: signing })
  })

  it('that cannot be opened hold the task, which is not the fault of the receiver', async () => {
    const { transport, sent } = recorder()
    const secrets = sealSecrets(
      { target: {}, signing: [{ secret: 'whsec_a' }] },
      { tenant: 'acme', id: 's2' },
      OPEN_SEAL,
    )
    const outcome = await deliverBy(transport).deliver(leased(), subscription({}, { secrets }), quiet())
    expect(outcome).toMatchObject({ outcome: 'release', code: 'seal_broken' })
    expect(sent).toEqual([])
  })
})

describe('senders', () => {
  it('are kept for a revision, and closed when it changes, when forgotten and at the end', async () => {
    const { transport, opened, closed } = recorder()
    const { deliver, forget, close } = deliverBy(transport)
    for (const revision of [1, 1, 2]) await deliver(leased(), subscription({}, { revision }), quiet())
    expect(opened).toHaveLength(2)
    await settled()
    expect(closed).toEqual([1])
    forget('acme', 's1')
    await settled()
    expect(closed).toEqual([1, 2])
    await deliver(leased(), subscription(), quiet())
    await close()
    expect(closed).toEqual([1, 2, 3])
  })

  it('are closed only after what they send', async () => {
    const gate = new AbortController()
    const closed: boolean[] = []
    const { transport } = recorder({
      open: () => ({
        send: () =>
          new Promise((resolve) => gate.signal.addEventListener('abort', () => resolve({ outcome: 'delivered' }))),
        close: async () => void closed.push(gate.signal.aborted),
      }),
    })
    const { deliver, forget, close } = deliverBy(transport)
    const sending = deliver(leased(), subscription(), quiet())
    await settled()
    forget('acme', 's1')
    await settled()
    expect(closed).toEqual([])
    gate.abort()
    expect(await sending).toEqual({ outcome: 'delivered' })
    await close()
    expect(closed).toEqual([true])
  })

  it('are bounded in number', async () => {
    const { transport, opened, closed } = recorder()
    const { deliver } = deliverBy(transport, { mostSenders: 2 })
    for (const id of ['s1', 's2', 's3', 's3']) await deliver(leased(), subscription({}, { id }), quiet())
    await settled()
    expect(opened).toHaveLength(3)
    expect(closed).toEqual([1])
  })

  it('are opened again after an opening failed, and the target is checked each time', async () => {
    const answers = [
      new InvalidInput('target_refused', 'no address', { data: { reason: 'unresolved' } }),
      new InvalidInput('target_refused', 'not allowed', { data: { reason: 'blocked' } }),
      new InvalidInput('invalid_request', 'no such handler'),
      undefined,
    ]
    const { transport } = recorder({
      async check() {
        const answer = answers.shift()
        if (answer) throw answer
      },
    })
    const { deliver } = deliverBy(transport)
    const outcomes = []
    for (let count = 0; count < 5; count += 1) outcomes.push(await deliver(leased(), subscription(), quiet()))
    expect(outcomes).toMatchObject([
      { outcome: 'retry', code: 'target_refused' },
      { outcome: 'refused', code: 'target_refused' },
      { outcome: 'retry', code: 'invalid_request' },
      { outcome: 'delivered' },
      { outcome: 'delivered' },
    ])
  })
})

describe('what goes wrong on our side', () => {
  it('holds the task while a plug-in is missing', async () => {
    const { deliver } = deliverBy(recorder().transport)
    expect(await deliver(leased(), subscription({ transport: 'x' }), quiet())).toMatchObject({
      code: 'transport_missing',
      outcome: 'release',
    })
    expect(await deliver(leased(), subscription({ format: 'x' }), quiet())).toMatchObject({
      code: 'format_missing',
      outcome: 'release',
    })
  })

  it('is thrown when the program is wrong', async () => {
    const { deliver } = deliverBy(recorder().transport)
    await expect(deliver(leased(), subscription({ transport: 'pull' }), quiet())).rejects.toThrow(TypeError)
    await expect(deliver(leased({ body: '[]' }), subscription(), quiet())).rejects.toThrow(TypeError)
  })

  it('ends at the abort even if the transport does not listen', async () => {
    const { transport } = recorder({ open: () => ({ send: () => new Promise(() => {}) }) })
    const signal = AbortSignal.timeout(30)
    const outcome = await deliverBy(transport).deliver(leased(), subscription(), signal)
    expect(outcome).toMatchObject({
      outcome: 'release',
      code: 'aborted',
      stopped: true,
      request: { target: 'recorder' },
    })
  })
})

const settled = () => new Promise((resolve) => setImmediate(resolve))
