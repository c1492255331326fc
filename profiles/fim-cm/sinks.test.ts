/** Notification sinks in a hub: the contract, the notification, look-ups, and what goes wrong. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type AnyEvent, type ClassTable, createHub, type Hub, type Receipt, type TocsinError } from '../../src/index.js'
import { actividCms } from '../activid-cms/index.js'
import { aps } from '../aps/index.js'
import { fimCm, type Notification, type NotificationContext, type NotificationSink } from './index.js'
import { shownData } from './shown-data.js'

type Message = { Request: Record<string, unknown> } & Record<string, unknown>
const messages: Record<string, Message> = JSON.parse(
  readFileSync(new URL('./fixtures/messages.json', import.meta.url), 'utf8'),
)
const fixture = (name: string) => JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8'))
const activId = fixture('activid-cms/fixtures/messages.json')
const apsMessages = fixture('aps/fixtures/notifications.json')
const USER = '22222222-2222-4222-8222-222222222222'
const REQUEST = '3fb2c9a0-5d1e-4c57-9a53-0b8c1d2e3f40'

let told: { data: string; notification: Notification; context: NotificationContext }[] = []
let act: (context: NotificationContext, notification: Notification) => unknown = () => undefined

class Keeps implements NotificationSink {
  #data: string | null = null
  initialize(data: string) {
    if (this.#data !== null) throw new Error('twice')
    this.#data = data
  }
  async notify(notification: Notification, context: NotificationContext) {
    told.push({ data: this.#data ?? '', notification, context })
    await act(context, notification)
  }
}
class Throws implements NotificationSink {
  initialize() {}
  notify() {
    throw new Error('The door does not answer.')
  }
}
class NoSink {
  notify() {}
}
class CannotBegin extends Throws {
  override initialize() {
    throw new Error('No such file.')
  }
}

const classes: ClassTable = {
  'Contoso.Keeps,Contoso.Handlers': Keeps,
  'Contoso.Slow, Contoso.Handlers': { load: () => Keeps, asynchronous: true },
  'Contoso.Hasty, Contoso.Handlers': { load: () => Keeps, deadline: 20 },
  'Contoso.Bound, Contoso.Handlers': { load: () => Keeps, resource: USER },
  'Contoso.Throws, Contoso.Handlers': Throws,
  'Contoso.NoSink, Contoso.Handlers': NoSink,
  'Contoso.CannotBegin, Contoso.Handlers': CannotBegin,
  'Contoso.Text, Contoso.Handlers': { load: () => 'text' },
}

let hub: Hub
beforeEach(async () => {
  told = []
  act = () => undefined
  const sealing = { key: Buffer.alloc(32, 'k7').toString('base64') }
  hub = await createHub({
    database: 'memory',
    config: { log: { level: 'silent' }, sealing },
    plugins: [fimCm, actividCms, aps],
    classes,
  })
})
afterEach(() => hub.close())

const register = (...entries: readonly (readonly [event: string, name: string, data?: string])[]) =>
  hub.registrations.replace(
    hub.local,
    'fim-cm',
    entries.map(([event, name, data]) => ({
      event,
      class: `Contoso.${name}, Contoso.Handlers`,
      ...(data !== undefined && { data }),
    })),
  )
async function publish(name: string, request: object = {}, more: object = {}): Promise<Receipt> {
  const message = messages[name] ?? { Request: {} }
  const [result] = await hub.translate('fim-cm', { ...message, ...more, Request: { ...message.Request, ...request } })
  if (!result || result instanceof Error) throw result
  return result
}
const outcomes = ({ results }: Receipt) => results.map(({ processor, state, message }) => [processor, state, message])
const settled = ({ transactionId }: Receipt) => hub.settled(transactionId ?? '')

describe('a sink', () => {
  it('is one instance for each registration, initialised once, called in order inside the publishing call', async () => {
    await register(
      ['ApproveRequest', 'Keeps', 'one'],
      ['CreateProfile', 'Keeps', 'two'],
      ['ApproveRequest', 'Keeps', 'three'],
    )
    const receipt = await publish('request approved')
    expect(told.map(({ data }) => data)).toEqual(['one', 'three'])
    expect(outcomes(receipt)).toEqual([
      ['fim-cm:ApproveRequest:Contoso.Keeps', 'executed', null],
      ['fim-cm:ApproveRequest:Contoso.Keeps:2', 'executed', null],
    ])
    await publish('profile created')
    expect(told.map(({ data }) => data)).toEqual(['one', 'three', 'two'])
  })

  it('is given the notification, without what nobody may have', async () => {
    await register(['CreateProfile', 'Keeps'])
    await publish('profile created')
    const notification = told[0]?.notification
    expect(notification).toMatchObject({
      notificationType: 'CreateProfile',
      isSuccess: true,
      started: '2026-11-21T10:00:00.1234567Z',
      completed: '2026-11-21T10:00:01.5000001Z',
      eventStarted: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      actorUserUuid: '33333333-3333-4333-8333-333333333333',
      request: {
        uuid: REQUEST,
        requestType: 'Enroll',
        status: 'Executing',
        targetUserUuid: USER,
        dataCollection: [
          { name: 'Department', value: 'Radiology' },
          { name: 'OneTimePassword', value: null, removed: true },
          { name: 'AdminKey', value: null, removed: true },
          { name: 'Room', value: null },
        ],
        oldSmartcardUuid: null,
      },
    })
    expect(Object.keys(notification?.request ?? {})).toHaveLength(20)
    expect(JSON.stringify(notification)).not.toMatch(/canary|O:BAG|securityDescriptor/i)
  })

  it('hears of failures, and of each approval', async () => {
    await register(['ApproveRequest', 'Keeps'], ['MarkRequestAsFailed', 'Keeps'])
    await publish('request failed')
    await publish('request approved')
    await publish('request approved', {}, { ActorUserUuid: '88888888-8888-4888-8888-888888888888' })
    expect(told.map(({ notification }) => [notification.notificationType, notification.isSuccess])).toEqual([
      ['MarkRequestAsFailed', false],
      ['ApproveRequest', true],
      ['ApproveRequest', true],
    ])
  })

  it('is in several calls at once', async () => {
    await register(['ApproveRequest', 'Keeps'])
    let inside = 0
    let most = 0
    act = async () => {
      most = Math.max(most, ++inside)
      while (most < 2) await new Promise((resolve) => setTimeout(resolve, 1))
      inside -= 1
    }
    const another = { Uuid: '99999999-9999-4999-8999-999999999999', TargetUserUuid: USER.replace('2', '7') }
    await Promise.all([publish('request approved'), publish('request approved', another)])
    expect(most).toBe(2)
  })

  it('that throws or is late is told and counted, the others run, and the operation stands', async () => {
    await register(
      ['ApproveRequest', 'Throws'],
      ['ApproveRequest', 'Hasty', 'late'],
      ['ApproveRequest', 'Keeps', 'well'],
    )
    act = ({ signal }) => told.length === 1 && new Promise((resolve) => signal.addEventListener('abort', resolve))
    const receipt = await publish('request approved')
    expect(receipt.state).toBe('admitted')
    expect(outcomes(receipt)).toEqual([
      ['fim-cm:ApproveRequest:Contoso.Throws', 'exception', 'The door does not answer.'],
      ['fim-cm:ApproveRequest:Contoso.Hasty', 'exception', expect.stringContaining('did not answer within 20 ms')],
      ['fim-cm:ApproveRequest:Contoso.Keeps', 'executed', null],
    ])
    const timeline = await hub.events.timeline(hub.local, receipt.id)
    expect(timeline.results.filter(({ state }) => state === 'exception')).toHaveLength(2)
    expect(await hub.metrics()).toMatch(/tocsin_processor_failures_total\{[^}]*Contoso\.Throws[^}]*\} 1/)
  })

  it('that is slow works from the queue', async () => {
    await register(['ApproveRequest', 'Slow', 'later'])
    const receipt = await publish('request approved')
    expect(receipt.queued).toContain('fim-cm:ApproveRequest:Contoso.Slow')
    await settled(receipt)
    expect(told.map(({ data }) => data)).toEqual(['later'])
  })

  it('that is none, or cannot begin, fails at each event with the reason', async () => {
    await register(
      ['ApproveRequest', 'NoSink'],
      ['ApproveRequest', 'CannotBegin'],
      ['ApproveRequest', 'Text'],
      ['ApproveRequest', 'Keeps'],
    )
    expect(hub.registrations.list(hub.local).map(({ failure }) => failure)).toEqual([
      'Contoso.NoSink, Contoso.Handlers is no NotificationSink: it has no method initialize.',
      'No such file.',
      'Contoso.Text, Contoso.Handlers is no class.',
      null,
    ])
    const [first, ...others] = outcomes(await publish('request approved'))
    expect(first?.[2]).toContain('It was not started: Contoso.NoSink')
    expect(others.map(([, state]) => state)).toEqual(['exception', 'exception', 'executed'])
  })

  it('is not called for what it is not registered for, even when an operator says so', async () => {
    await register(['ApproveRequest', 'Keeps'])
    const name = 'fim-cm:ApproveRequest:Contoso.Keeps'
    await hub.processors.configure(hub.local, name, { types: ['fim-cm.*'] })
    expect(outcomes(await publish('request failed'))).toEqual([
      [name, 'exception', 'It is registered for ApproveRequest and was called for fim-cm.MarkRequestAsFailed.'],
    ])
    expect(told).toEqual([])
  })

  it.each([
    [{ event: 'EnrollSmartcard', class: 'A,B' }, 'registrations[0].event'],
    [{ class: 'A,B' }, 'registrations[0].event'],
    [{ event: 'ApproveRequest', class: ' , B' }, 'registrations[0].class'],
  ])('%j cannot be registered', async (registration, field) => {
    const refused = hub.registrations.replace(hub.local, 'fim-cm', [registration])
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request', field })
  })

  it('is shown with its order, class, event and data, which is not set there', async () => {
    await register(
      ['ApproveRequest', 'Keeps', 'C:\\logs\\a.xml'],
      ['CreateProfile', 'Keeps', 'Server=db;Password=canary'],
    )
    const views = hub.processors.list(hub.local, { module: 'fim-cm', kind: 'witness' })
    expect(views.map(({ order, types, options }) => [order, types, options])).toEqual([
      [
        1,
        ['fim-cm.ApproveRequest'],
        { event: 'ApproveRequest', class: 'Contoso.Keeps, Contoso.Handlers', initializationData: 'C:\\logs\\a.xml' },
      ],
      [
        2,
        ['fim-cm.CreateProfile'],
        { event: 'CreateProfile', class: 'Contoso.Keeps, Contoso.Handlers', initializationData: '***' },
      ],
    ])
    expect(JSON.stringify(hub.processors.overview(hub.local))).not.toContain('canary')
    const name = 'fim-cm:ApproveRequest:Contoso.Keeps'
    const setting = hub.processors.configure(hub.local, name, { options: { initializationData: 'other' } })
    await expect(setting).rejects.toMatchObject({ field: 'options.initializationData' })
  })
})

describe('look-ups', () => {
  const canary = {
    adminKey: 'canary',
    SecurityDescriptor: 'canary',
    puk: 'canary',
    items: [{ name: 'Pin', value: 'canary' }],
  }
  const lookUp = async <T>(look: (context: NotificationContext) => Promise<T>, name = 'Keeps'): Promise<T> => {
    let found: Promise<T> | null = null
    await register(['ApproveRequest', name])
    act = (context) => {
      found = look(context)
      return found.catch(() => {})
    }
    await publish('request approved', { Comment: String(Math.random()) }, { Started: new Date().toISOString() })
    if (!found) throw new Error('Nobody looked.')
    return found
  }
  const create = (id: string, type: string, more: object = {}) =>
    hub.resources.change(hub.local, { do: 'create', id, type, ...more })

  it('find the request at hand, and what the registry was told of it', async () => {
    expect(await lookUp(({ provision }) => provision.getRequest(REQUEST.toUpperCase()))).toMatchObject({
      uuid: REQUEST,
      status: 'Pending',
      comment: expect.any(String),
    })
    await settled(await publish('profile created'))
    expect(await hub.resources.get(hub.local, REQUEST)).toMatchObject({
      type: 'fim-cm.Request',
      status: 'Executing',
      owner: USER,
      properties: { requestType: 'Enroll' },
    })
    const found = await lookUp(({ provision }) => provision.findRequests({ status: 'Executing', targetUserUuid: USER }))
    expect(found.map(({ uuid, requestType }) => [uuid, requestType])).toEqual([[REQUEST, 'Enroll']])
    expect(await lookUp(({ provision }) => provision.findRequests({ status: 'Denied' }))).toEqual([])
    const kept = JSON.stringify(await hub.resources.list(hub.local, {}))
    expect(kept).not.toMatch(/canary|Radiology|O:BAG/)
  })

  it('find cards, profiles, templates and certificates, and no secret of theirs', async () => {
    await create('card-1', 'fim-cm.Smartcard', {
      status: 'Active',
      owner: USER,
      properties: { label: 'blue', ...canary },
    })
    await create('profile-1', 'fim-cm.Profile', { properties: canary })
    await create('template-1', 'fim-cm.ProfileTemplate', { properties: { name: 'Staff', ...canary } })
    await create('certificate-1', 'fim-cm.Certificate', { properties: { smartcardUuid: 'card-1', ...canary } })
    const found = await lookUp(async ({ provision }) => [
      await provision.getSmartcard('card-1'),
      await provision.getProfile('profile-1'),
      await provision.getProfileTemplate('template-1'),
      await provision.findSmartcards({ label: 'blue' }),
      await provision.findAllProfileTemplates(),
      await provision.findCertificates({ smartcardUuid: 'card-1' }),
    ])
    expect(found[0]).toMatchObject({ uuid: 'card-1', status: 'Active', ownerUuid: USER, label: 'blue' })
    expect(found.slice(3)).toMatchObject([[{ uuid: 'card-1' }], [{ name: 'Staff' }], [{ uuid: 'certificate-1' }]])
    expect(JSON.stringify(found)).not.toContain('canary')
    await expect(lookUp(({ provision }) => provision.getProfile('card-1'))).rejects.toMatchObject({ code: 'not_found' })
    await expect(lookUp(({ provision }) => provision.getSmartcard('none'))).rejects.toMatchObject({ code: 'not_found' })
  })

  it('find what the sink may see, and no more', async () => {
    await create(USER, 'user')
    await create('mine', 'fim-cm.Smartcard', { owner: USER })
    await create('others', 'fim-cm.Smartcard', { owner: 'somebody' })
    await create('theirs', 'fim-cm.Smartcard', { owner: 'somebody' })
    await hub.resources.change(hub.local, { do: 'link', from: USER, relation: 'uses', to: 'theirs' })
    const ids = await lookUp(
      async ({ provision }) => (await provision.findSmartcards()).map(({ uuid }) => uuid),
      'Bound',
    )
    expect(ids).toContain('theirs')
    expect(ids).not.toContain('others')
    await expect(lookUp(({ provision }) => provision.getSmartcard('others'), 'Bound')).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(await lookUp(async ({ provision }) => (await provision.findSmartcards()).length)).toBe(3)
  })
})

describe('a request', () => {
  const set = (status: string, id = 'r1') => hub.resources.change(hub.local, { do: 'update', id, status })
  beforeEach(async () => {
    await hub.resources.change(hub.local, { do: 'create', id: 'r1', type: 'fim-cm.Request', status: 'Pending' })
  })
  it('goes from status to status as it may', async () => {
    for (const status of ['Approved', 'Executing', 'Completed']) await set(status)
    expect(await hub.resources.get(hub.local, 'r1')).toMatchObject({ status: 'Completed' })
    const refused: TocsinError = await set('Pending').catch((error) => error)
    expect(refused).toMatchObject({ code: 'rejected' })
    expect(refused.message).toContain('A request that is Completed cannot become Pending: nothing can follow')
  })
  it.each([
    [
      'Completed',
      'A request that is Pending cannot become Completed: what can follow is Approved, Canceled, Denied, Failed.',
    ],
    ['Abandoned', '"Abandoned" is no status of a request'],
    ['9', '"9" is no status of a request'],
  ])('that is Pending cannot become %s', async (status, reason) => {
    const refused: TocsinError = await set(status).catch((error) => error)
    expect(refused.message).toContain(reason)
    expect(await hub.resources.get(hub.local, 'r1')).toMatchObject({ status: 'Pending' })
  })
  it('and a card have only the statuses there are', async () => {
    const create = (status: string, type = 'fim-cm.Smartcard') =>
      hub.resources.change(hub.local, { do: 'create', id: `${type} ${status}`, type, status })
    await create('Assigned')
    await expect(create('Lost')).rejects.toThrow('"Lost" is no status: it is one of Active,')
    await expect(create('Assigned', 'fim-cm.Profile')).rejects.toThrow('"Assigned" is no status')
  })
  it('stays what it is when a notification tells of what cannot be any more', async () => {
    await register(['ApproveRequest', 'Keeps'])
    await settled(await publish('request approved', { Status: 'Completed' }))
    const late = await publish('request approved', { Status: 'Pending' }, { Started: '2026-11-21T10:00:09Z' })
    await settled(late)
    expect(told).toHaveLength(2)
    expect(await hub.resources.get(hub.local, REQUEST)).toMatchObject({ status: 'Completed' })
    const { results } = await hub.events.timeline(hub.local, late.id)
    expect(results.find(({ processor }) => processor === 'fim-cm:registry')).toMatchObject({
      state: 'exception',
      message: expect.stringContaining('nothing can follow'),
    })
  })
})

describe('who hears credential.*', () => {
  it('is told of FIM CM as of ActivID CMS, in one format, with what each was; and of APS by what resources do', async () => {
    const heard: AnyEvent[] = []
    hub.handle('all', (event) => void heard.push(event))
    const types = ['credential.*', 'resource.changed']
    const all = { name: 'all', types, transport: 'local', target: { handler: 'all' } }
    await hub.subscriptions.create(hub.local, all)
    await publish('profile created')
    await hub.translate('activid-cms', activId['PKI credential suspended'], { source: '/cards' })
    await hub.translate('aps', apsMessages.changed)
    while (heard.length < 3) await new Promise((resolve) => setTimeout(resolve, 2))
    const byType = new Map(heard.map((event) => [event.type, event]))
    expect([...byType.keys()].sort()).toEqual([
      'activid-cms.20003',
      'fim-cm.CreateProfile',
      'http://aps-standard.org/core/events/changed',
    ])
    for (const event of heard)
      expect(event).toMatchObject({
        id: expect.any(String),
        source: expect.any(String),
        subject: expect.any(String),
        sequence: expect.stringMatching(/^\d{20}$/),
        data: expect.any(Object),
      })
    expect(byType.get('fim-cm.CreateProfile')).toMatchObject({
      outcome: 'success',
      phase: 'post',
      transactionId: REQUEST,
      data: { requestType: 'Enroll', status: 'Executing' },
    })
  })
})

describe('what is shown of data', () => {
  it.each([
    '',
    'C:\\logs\\InstallCertificateEvents.xml',
    'Approve',
    'https://door.example/api?site=7',
    'mail=ops@example.com; level=3',
  ])('%j is', (data) => expect(shownData(data)).toBe(data))
  it.each([
    'Server=db;User Id=x;Password=canary',
    'https://user:canary@door.example',
    '{"apiKey": "canary"}',
    '<x token="canary"/>',
    'SharedAccessKey=abc',
    'AKIA0123456789abcdef0123456789abcdef0',
    '-----BEGIN PRIVATE KEY-----',
    'pin:1234',
  ])('%j is not', (data) => expect(shownData(data)).toBe('***'))
})
