import { describe, expect, it } from 'vitest'
import { localTransport } from './local.js'
import type { OutgoingMessage } from './transport.js'

const message: OutgoingMessage = {
  id: 'msg_1',
  event: { id: 'e1', source: '/test', type: 'device.issued' },
  time: 0,
  attempt: 3,
  headers: {},
  body: '{}',
}
const quiet = () => new AbortController().signal

describe('a local handler', () => {
  it('gets the event, the id, the attempt and the signal', async () => {
    const transport = localTransport()
    const seen: unknown[] = []
    transport.register('h', (...given) => void seen.push(given))
    const signal = quiet()
    expect(await transport.open({ handler: 'h' }).send(message, signal)).toEqual({ outcome: 'delivered' })
    expect(seen).toEqual([[message.event, { id: 'msg_1', attempt: 3, body: '{}', signal }]])
  })

  it('is tried again when it throws, at once or later, and may answer exactly', async () => {
    const transport = localTransport()
    transport.register('throws', () => {
      throw new Error('at once')
    })
    transport.register('rejects', async () => {
      throw new Error('later')
    })
    transport.register('never', () => ({ outcome: 'refused', code: 'unwanted', message: 'No.' }))
    const outcomes = ['throws', 'rejects', 'never'].map((handler) => transport.open({ handler }).send(message, quiet()))
    expect(await Promise.all(outcomes)).toEqual([
      { outcome: 'retry', code: 'handler_failed', message: 'at once' },
      { outcome: 'retry', code: 'handler_failed', message: 'later' },
      { outcome: 'refused', code: 'unwanted', message: 'No.' },
    ])
  })

  it('may go and come back while a sender is open', async () => {
    const transport = localTransport()
    const remove = transport.register('h', () => {})
    expect(() => transport.register('h', () => {})).toThrow(TypeError)
    const sender = transport.open({ handler: 'h' })
    remove()
    expect(await sender.send(message, quiet())).toMatchObject({ outcome: 'retry', code: 'handler_missing' })
    transport.register('h', () => {})
    remove()
    expect(await sender.send(message, quiet())).toEqual({ outcome: 'delivered' })
  })
})
