/**
 * Several events in one message: by mail and by webhook, through the hub.
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Hub } from '../../src/index.js'
import { type MailServer, smtpError, startMailServer } from '../services/smtp.js'
import { createGround, type Ground, STORES, user } from './ground.js'

const CONFIG = { config: { egress: { allow: ['127.0.0.0/8'] } } }

describe.each(STORES)('a digest on %s', (kind) => {
  let ground: Ground
  let hub: Hub
  let mailServer: MailServer
  let webServer: Server
  let isAway = false
  const bodies: string[] = []

  beforeAll(async () => {
    ground = createGround(kind)
    hub = await ground.open(CONFIG)
    mailServer = await startMailServer({
      onMailFrom: (_address, _session, done) => done(isAway ? smtpError(451, 'not now') : null),
    })
    webServer = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      bodies.push(body)
      response.writeHead(204).end()
    }).listen(0, '127.0.0.1')
    await once(webServer, 'listening')
  })

  afterAll(async () => {
    await hub.close()
    await mailServer.close()
    webServer.close()
    ground.remove()
  })

  const until = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 20 })
  const publish = async (type: string, ...subjects: string[]) => {
    for (const subject of subjects) await hub.publish(user(subject, { type }))
  }
  const mailing = (type: string, more: object = {}) =>
    hub.subscriptions.create(hub.local, {
      ...{ name: type, types: [type], transport: 'smtp' },
      target: {
        ...{ host: '127.0.0.1', port: mailServer.port, encryption: 'none', from: 'tocsin@example.org' },
        ...{
          to: { cel: '["anna@example.org", event.subject + "@example.org"]' },
          subject: 'About {{ event.subject }}',
          text: 'It is {{ event.subject }}.',
          html: '<p>{{ event.subject }}</p>',
        },
      },
      digest: { window: 1_000 },
      ...more,
    })
  const mailsTo = (person: string, since: number) =>
    mailServer.mails.slice(since).filter(({ to }) => to.includes(`${person}@example.org`))
  const tasksOf = async (id: string) => (await hub.tasks.list(hub.local, { subscription: id }, {})).items

  it('is one mail to each person of all that names them, and each task is done by it', async () => {
    const { id } = await mailing('user.created')
    await publish('user.created', 'a', 'b', 'a')
    await until(async () => expect((await tasksOf(id)).map(({ state }) => state)).toEqual(['done', 'done', 'done']))
    expect(mailServer.mails).toHaveLength(3)
    const [anna] = mailsTo('anna', 0)
    expect(anna?.mail.subject).toBe('[3] About a')
    expect(anna?.mail.text?.match(/It is \w/g)).toEqual(['It is a', 'It is b', 'It is a'])
    expect(anna?.mail.html).toMatch(/<h2>About a<\/h2>\s*<p>a<\/p>\s*<hr>\s*<h2>About b<\/h2>/)
    expect(mailsTo('a', 0)[0]?.mail.subject).toBe('[2] About a')
    expect(mailsTo('b', 0)[0]?.mail).toMatchObject({
      subject: 'About b',
      text: expect.stringMatching(/^It is b\.\s*$/),
    })
    await hub.subscriptions.remove(hub.local, id)
  })

  it('that fails goes again as one, before what came after it', async () => {
    const since = mailServer.mails.length
    isAway = true
    const { id } = await mailing('user.updated', { retry: { firstDelay: 4_000, maxDelay: 4_000 } })
    await publish('user.updated', 'c', 'd')
    await until(async () => expect((await tasksOf(id)).map(({ code }) => code)).toEqual(['451', '451']))
    isAway = false
    await publish('user.updated', 'e')
    await until(async () => expect(await tasksOf(id)).toMatchObject(Array(3).fill({ state: 'done' })))
    const told = mailsTo('anna', since).flatMap(({ mail }) => mail.text?.match(/It is \w/g) ?? [])
    expect(told).toEqual(['It is c', 'It is d', 'It is e'])
    expect(mailsTo('anna', since)[0]?.mail.subject).toMatch(/^\[[23]\] About c$/)
    await hub.subscriptions.remove(hub.local, id)
  })

  it('is one batch to a webhook, as soon as as many wait as it holds', async () => {
    const { id } = await hub.subscriptions.create(hub.local, {
      ...{ name: 'batches', types: ['user.deleted'], transport: 'webhook', format: 'cloudevents-batch' },
      target: { url: `http://127.0.0.1:${(webServer.address() as AddressInfo).port}/` },
      digest: { window: 600_000, max: 2 },
    })
    await publish('user.deleted', 'f', 'g', 'h')
    await until(() => expect(bodies).toHaveLength(1))
    const told = JSON.parse(bodies[0] ?? '') as readonly { readonly subject: string }[]
    expect(told.map(({ subject }) => subject)).toEqual(['f', 'g'])
    await until(async () =>
      expect((await tasksOf(id)).map(({ state }) => state)).toEqual(expect.arrayContaining(['due', 'done', 'done'])),
    )
    await hub.subscriptions.remove(hub.local, id)
  })

  it.skipIf(kind === 'memory')(
    'loses nothing of its window when the process ends, and tells nothing twice',
    async () => {
      const since = mailServer.mails.length
      const { id } = await mailing('user.disabled', { digest: { window: 2_500 } })
      await publish('user.disabled', 'i', 'j')
      await hub.close()
      hub = await ground.open(CONFIG)
      expect(mailServer.mails).toHaveLength(since)
      await publish('user.disabled', 'k')
      await until(async () => expect(await tasksOf(id)).toMatchObject(Array(3).fill({ state: 'done' })))
      expect(mailsTo('anna', since).map(({ mail }) => mail.subject)).toEqual(['[3] About i'])
      expect(mailsTo('anna', since)[0]?.mail.text?.match(/It is \w/g)).toEqual(['It is i', 'It is j', 'It is k'])
    },
  )

  it('does not wait for as long as the clock is set back meanwhile', async () => {
    let ahead = 3_600_000
    const clock = vi.spyOn(Date, 'now')
    clock.mockImplementation(() => Math.floor(performance.timeOrigin + performance.now() + ahead))
    const own = createGround(kind)
    const other = await own.open(CONFIG)
    try {
      const { id } = await other.subscriptions.create(other.local, {
        ...{ name: 'set back', types: ['user.enabled'], transport: 'webhook', format: 'cloudevents-batch' },
        digest: { window: 2_000 },
        target: { url: `http://127.0.0.1:${(webServer.address() as AddressInfo).port}/` },
      })
      await other.publish(user('l', { type: 'user.enabled' }))
      ahead = 0
      const tasks = async () => (await other.tasks.list(other.local, { subscription: id }, {})).items
      await until(async () => expect(await tasks()).toMatchObject([{ state: 'done' }]))
    } finally {
      clock.mockRestore()
      await other.close()
      own.remove()
    }
  })
})
