/**
 * Event notification plug-ins: the contract, their inputs, the eleven attributes both ways, the file that lists them.
 */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ClassTable, createHub, type EventInput, type Hub, type Imported } from '../../src/index.js'
import { aimsEventOf } from './aims-event.js'
import { typeOf } from './catalogue.js'
import {
  type AIMSEvent,
  actividCms,
  actividCmsWith,
  type Configuration,
  type ConfigurationTemplate,
  EventNotificationAdapter,
  readSiteCatalogue,
  samples,
} from './index.js'
import { KINDS, Kinds } from './kinds.js'
import { readPluginsFile } from './plugins-file.js'
import { translatorOf } from './translate.js'

type Attributes = Readonly<Record<string, unknown>>
const messages: Readonly<Record<string, Attributes>> = JSON.parse(
  readFileSync(new URL('./fixtures/messages.json', import.meta.url), 'utf8'),
)
const kinds = new Kinds()
const SECRET = 'canary-ldap-password'

let told: string[] = []
const tell = (what: string) => (event: AIMSEvent) => void told.push(`${what} ${event.EventID}`)

/** All groups. */
class Everything extends EventNotificationAdapter {
  override onDeviceEventReceived = tell('device')
  override onCredentialEventReceived = tell('credential')
  override onRequestEventReceived = tell('request')
  override onUserEventReceived = tell('user')
  override onAuthenticationEventReceived = tell('authentication')
  override onEventReceived = tell('other')
}

/** With inputs, and its start written down. */
class Directory extends EventNotificationAdapter {
  override getConfigurationTemplate(): ConfigurationTemplate {
    told.push('getConfigurationTemplate')
    const password = { name: 'password', label: 'Password', secret: true, required: true } as const
    return { inputs: [{ name: 'host', required: true }, { name: 'port', type: 'integer', default: 389 }, password] }
  }
  override init() {
    told.push('init')
  }
  override onSetParams({ name }: Readonly<Record<string, string>>) {
    told.push(`onSetParams ${name}`)
  }
  override setConfiguration({ host, port, password }: Configuration) {
    told.push(`setConfiguration ${host}:${port} ${password === SECRET}`)
  }
  override onDeviceEventReceived({ ClientID, Status, named }: AIMSEvent) {
    told.push(`${named.userId} has ${ClientID}, ${Status}`)
  }
}

class Throws extends EventNotificationAdapter {
  override onDeviceEventReceived() {
    throw new Error('The directory is gone.')
  }
}
class OldInterface extends EventNotificationAdapter {
  override getInterfaceVersion() {
    return '3.0'
  }
}
class NoPlugin {
  init() {}
}
class Hangs extends EventNotificationAdapter {
  override init() {
    return new Promise<void>(() => {})
  }
}
class SecretDefault extends EventNotificationAdapter {
  override getConfigurationTemplate() {
    return { inputs: [{ name: 'password', secret: true, default: 'x' }] }
  }
}

const CLASSES: ClassTable = {
  'com.example.Everything': Everything,
  'com.example.Directory': Directory,
  'com.example.Throws': Throws,
  'com.example.OldInterface': OldInterface,
  'com.example.NoPlugin': NoPlugin,
  'com.example.Hangs': { load: () => Hangs, deadline: 100 },
  'com.example.SecretDefault': SecretDefault,
}

/** A class whose template has this one input. */
const asking = (input: object) =>
  class extends EventNotificationAdapter {
    override getConfigurationTemplate() {
      return { inputs: [{ name: 'way', ...input }] }
    }
  }

describe('plug-ins in a hub', () => {
  let hub: Hub
  beforeEach(async () => {
    told = []
    const config = { log: { level: 'silent' }, store: { thread: 'main' } } as const
    hub = await createHub({ database: 'memory', config, plugins: [actividCms], classes: CLASSES })
  })
  afterEach(() => hub.close())

  const load = (text: string) =>
    hub.registrations.replace(hub.local, 'activid-cms', readPluginsFile(text).registrations?.registrations ?? [])
  const hear = async (name: string) => {
    const [receipt] = await hub.translate('activid-cms', messages[name])
    if (receipt === undefined || receipt instanceof Error) throw receipt
    return receipt
  }

  it('hear each event by the method of its group, and by no other', async () => {
    await load('plugins=All\nAll.class=com.example.Everything')
    for (const sample of samples(KINDS.length, () => 0.5)) await hub.translate('activid-cms', sample)
    const expected = KINDS.map(({ eventId, category }) => {
      if (eventId === 50001 || eventId === 50002) return `authentication ${eventId}`
      return `${category === 'workflow' ? 'other' : category} ${eventId}`
    })
    expect(told).toEqual(expected)
  })

  it('hear what the vendor names without a number as the native type, with the number 0', async () => {
    await load('plugins=All\nAll.class=com.example.Everything')
    await hub.publish({ type: 'device.unlocked', source: '/cms', subject: 'c1', data: { serialNumber: 'c1' } })
    await hub.publish({ type: 'user.updated', source: '/hr', subject: 'u1', data: {} })
    expect(told).toEqual(['device 0'])
  })

  it('start as the vendor says, and are given their inputs before the first event and when they change', async () => {
    const [view] = await load('plugins=IDMS\nIDMS.class=com.example.Directory')
    expect(view).toMatchObject({ processor: 'activid-cms:IDMS', state: 'running', kind: 'witness' })
    expect(told).toEqual(['getConfigurationTemplate', 'init', 'onSetParams IDMS'])
    expect((await hear('device issued')).results).toMatchObject([
      {
        state: 'exception',
        message: expect.stringContaining('tocsin processors set activid-cms:IDMS host=... password=...'),
      },
    ])
    await hub.processors.configure(hub.local, 'activid-cms:IDMS', {
      options: { host: 'ldap.example', password: SECRET },
    })
    await hear('device issued')
    await hear('termination failed')
    await hub.processors.configure(hub.local, 'activid-cms:IDMS', {
      options: { host: 'ldap2.example', password: '***', port: 636 },
    })
    await hear('device issued')
    expect(told.slice(3)).toEqual([
      'setConfiguration ldap.example:389 true',
      'jdoe has 0A1B2C3D4E5F6071, 0',
      'jdoe has 0A1B2C3D4E5F6071, 1',
      'setConfiguration ldap2.example:636 true',
      'jdoe has 0A1B2C3D4E5F6071, 0',
    ])
    const shown = hub.processors.get(hub.local, 'activid-cms:IDMS')
    expect(shown.options).toEqual({ host: 'ldap2.example', port: 636, password: '***' })
    expect(shown.optionsSchema).toMatchObject({
      required: ['host', 'password'],
      properties: { password: { title: 'Password' } },
    })
    const audit = JSON.stringify(await hub.audit.list(hub.local, {}))
    expect(audit).toContain('processor.configure')
    expect(audit).not.toContain(SECRET)
  })

  it.each([
    [{ host: 1, password: 'x' }, 'options.host'],
    [{ host: 'h' }, 'options.password'],
    [{ host: 'h', password: 'x', port: 'many' }, 'options.port'],
    [{ host: 'h', password: 'x', hots: 'h' }, 'options.hots'],
  ])('refuse inputs that do not fit their template: %j', async (options, field) => {
    await load('plugins=IDMS\nIDMS.class=com.example.Directory')
    await expect(hub.processors.configure(hub.local, 'activid-cms:IDMS', { options })).rejects.toMatchObject({ field })
  })

  it('that throw are seen to, and stop neither the operation nor the next', async () => {
    await load('plugins=Bad,All\nBad.class=com.example.Throws\nAll.class=com.example.Everything')
    const receipt = await hear('device issued')
    expect(receipt.state).toBe('admitted')
    expect(receipt.results).toMatchObject([
      { processor: 'activid-cms:Bad', state: 'exception', message: expect.stringContaining('The directory is gone.') },
      { processor: 'activid-cms:All', state: 'executed' },
    ])
    expect(told).toEqual(['device 10001'])
  })

  it.each([
    ['com.example.NoPlugin', /no method getConfigurationTemplate/],
    ['com.example.OldInterface', /another interface than 4\.1\.1/],
    ['com.example.Hangs', /did not end within 100 ms/],
    ['com.example.SecretDefault', /password is secret and has a default/],
    ['com.example.Missing', /not in the table of classes/],
  ])('whose class cannot be started say why, and the others run: %s', async (name, reason) => {
    const views = await load(`plugins=Bad,All\nBad.class=${name}\nAll.class=com.example.Everything`)
    expect(views).toMatchObject([{ state: 'failed', failure: expect.stringMatching(reason) }, { state: 'running' }])
    await hear('device issued')
    expect(told).toEqual(['device 10001'])
  })
})

describe('inputs that no template may have', () => {
  it.each<[object, string]>([
    [{ type: 'number' }, 'has a type that is none of text, integer, boolean'],
    [{ choices: [] }, 'has choices that are not different texts, at least one'],
    [{ choices: ['a', 'a'] }, 'has choices that are not different texts, at least one'],
    [{ choices: 'ab' }, 'has choices that are not different texts, at least one'],
    [{ choices: ['a'], default: 'b' }, 'has a default that is none of its choices'],
    [{ type: 'integer', default: 'x' }, 'has a default that is no integer'],
    [{ default: 1 }, 'has a default that is no text'],
    [{ label: 5 }, 'has a label or a description that is no text'],
    [{ secret: 'true' }, 'says required or secret by something else than true or false'],
  ])('%j: its plug-in is not started, and the others run', async (input, reason) => {
    const classes = { 'com.example.Asks': asking(input), 'com.example.Everything': Everything }
    const config = { log: { level: 'silent' }, store: { thread: 'main' } } as const
    const hub = await createHub({ database: 'memory', config, plugins: [actividCms], classes })
    try {
      const views = await hub.registrations.replace(hub.local, 'activid-cms', [
        { class: 'com.example.Asks', data: 'Asks' },
        { class: 'com.example.Everything', data: 'All' },
      ])
      expect(views).toMatchObject([{ state: 'failed', failure: `The input way ${reason}.` }, { state: 'running' }])
    } finally {
      await hub.close()
    }
  })
})

describe('the eleven attributes', () => {
  it.each(KINDS.map((kind) => [kind.eventId, kind] as const))(
    'of %d are read into names and written from them',
    (_, kind) => {
      const made = samples(4 * KINDS.length, seeded()).filter(({ EventID }) => EventID === kind.eventId)
      expect(made.length).toBeGreaterThan(2)
      for (const sample of made) {
        const [event] = translatorOf(kinds).translate(sample, { source: '/cms', receivedAt: 0 })
        expect(aimsEventOf({ ...whole(event), data: withoutOriginal(event?.data) }, kinds)).toMatchObject(
          withoutSpaces(sample),
        )
        expect(aimsEventOf(whole(event), kinds)).toMatchObject(sample)
      }
    },
  )

  it('of a published event need no original', async () => {
    const hub = await createHub({ database: 'memory', config: { log: { level: 'silent' } }, plugins: [actividCms] })
    const data = { serialNumber: 'C1', deviceType: 'PIV', reason: 'LOST', userId: 'ada' }
    const receipt = await hub.publish({ type: 'activid-cms.10006', source: '/cms', subject: 'C1', data })
    expect(receipt.state).toBe('admitted')
    await hub.close()
    const told = aimsEventOf({ id: 'e', source: '/cms', type: 'activid-cms.10006', data, actor: 'CN=Op' }, kinds)
    expect(told).toMatchObject({
      ...{
        EventID: 10006,
        Description: 'Terminate',
        Status: 0,
        StatusDescription: null,
        ClientID: 'C1',
        OperatorID: 'CN=Op',
      },
      ...{ AdditionalInfoNum1: 0, AdditionalInfoChar1: 'PIV', AdditionalInfoChar2: 'LOST', AdditionalInfoChar3: 'ada' },
    })
  })
})

const whole = (event: EventInput | undefined) => ({ id: 'e', ...event, type: event?.type ?? '', source: '/cms' })
const withoutOriginal = (data: unknown): Attributes => {
  const { activid: _, ...rest } = data as Attributes
  return rest
}
/** The lists are joined with and without a space. */
const withoutSpaces = (sample: Attributes): Attributes => ({
  ...sample,
  ...(typeof sample.AdditionalInfoChar2 === 'string' && {
    AdditionalInfoChar2: sample.AdditionalInfoChar2.replaceAll(', ', ','),
  }),
})
function seeded(): () => number {
  let state = 7
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state / 2 ** 31
  }
}

describe('eventnotificationplugins.properties', () => {
  const of = ({ registrations, keys }: Imported) => ({
    registered: registrations?.registrations.map(({ class: name, data }) => `${data} ${name}`),
    refused: keys
      .filter(({ outcome }) => outcome === 'refused')
      .map(({ line, key, remark }) => `${line} ${key}: ${remark}`),
  })

  it('is read in the order of its list', () => {
    const text = '# ours\nB.class = com.example.B\nplugins = A, \\\n  B\nA.class: com.example.A$Inner\n'
    expect(of(readPluginsFile(text))).toEqual({ registered: ['A com.example.A$Inner', 'B com.example.B'], refused: [] })
  })

  it('tells of every key that is not taken', () => {
    const text = [
      'plugins=A,,A,C D,E',
      'A.class=com.example.Old',
      'A.class=com.example.A',
      'B.class=com.example.B',
      'E.class=no class!',
      'A.enabled=true',
      'F',
    ].join('\n')
    expect(of(readPluginsFile(text))).toEqual({
      registered: ['A com.example.A'],
      refused: [
        '1 plugins: an empty name is passed over',
        '1 plugins: "C D" is no name',
        '1 plugins: A is named twice: there is one instance',
        '2 A.class: the key stands again in line 3, and the last one holds',
        '4 B.class: plugins does not list B: it is not loaded',
        '5 E.class: its value names no class',
        '6 A.enabled: only plugins and NAME.class are known here',
        '7 F: only plugins and NAME.class are known here',
      ],
    })
  })

  it('whose list names a plug-in without a class, or nothing, says so', () => {
    expect(of(readPluginsFile('plugins=A')).refused).toEqual(['1 A.class: the list names it, and it has no class'])
    expect(of(readPluginsFile('plugins=')).refused).toEqual([
      '1 plugins: it names no plug-in',
      '1 plugins: an empty name is passed over',
    ])
  })

  it('without a list is another file, which takes no plug-in away', () => {
    for (const text of ['', 'A.class=com.example.A'])
      expect(() => readPluginsFile(text)).toThrow(
        expect.objectContaining({ code: 'invalid_request', field: 'plugins' }),
      )
  })

  it('is read as Latin-1 where it is no UTF-8, and refused where Java refuses it', () => {
    const [importer] = actividCms.importers ?? []
    const latin = Buffer.from('plugins=Ger\xe4te\nGer\\u00e4te.class=com.example.A', 'latin1')
    expect(of(importer?.read(latin) ?? readPluginsFile('plugins='))).toEqual({
      registered: ['Geräte com.example.A'],
      refused: [],
    })
    expect(() => readPluginsFile('plugins=A\nA.class=\\u12')).toThrow(expect.objectContaining({ field: 'line 2' }))
  })
})

describe('the numbers of an installation', () => {
  const CATALOGUE = `
events:
  - id: 10007
    token: CardReplace
    title: Device Replaced
    caseOf: device.issued
    attributes:
      AdditionalInfoNum1: { flag: temporary }
      AdditionalInfoNum2: { code: channel, words: { 1: kiosk, 2: desk } }
      AdditionalInfoChar1: deviceType
      AdditionalInfoChar3: { list: [userId, reason] }
  - { id: 40001, token: CreateUser, title: User Created, caseOf: user.created, attributes: { AdditionalInfoChar1: userId } }
`
  const site = readSiteCatalogue(CATALOGUE)
  const replaced = {
    ...messages['device issued'],
    ...{ EventID: 10007, Description: 'CardReplace', AdditionalInfoNum2: 2, AdditionalInfoChar2: null },
    AdditionalInfoChar3: 'ada,LOST',
  }

  it('are event types like the proven ones, in both directions', async () => {
    const plugin = actividCmsWith(site)
    const [event] = plugin.translators?.[0]?.translate(replaced, { source: '/cms', receivedAt: 0 }) ?? []
    expect(event).toMatchObject({
      type: 'activid-cms.10007',
      subject: '0A1B2C3D4E5F6071',
      data: { temporary: true, channel: 'desk', deviceType: 'PIV', userId: 'ada', reason: 'LOST' },
    })
    const back = aimsEventOf({ ...whole(event), data: withoutOriginal(event?.data) }, new Kinds(site))
    expect(back).toMatchObject(replaced)
    const hub = await createHub({ database: 'memory', config: { log: { level: 'silent' } }, plugins: [plugin] })
    const [receipt] = await hub.translate('activid-cms', replaced)
    expect(receipt).toMatchObject({ state: 'admitted' })
    expect(hub.types.get(hub.local, 'activid-cms.10007')).toMatchObject({
      caseOf: 'device.issued',
      title: 'Device Replaced',
    })
    await hub.close()
    expect(site.map(typeOf)).toEqual(['activid-cms.10007', 'activid-cms.40001'])
  })

  const with1 = (member: string) => `events:\n  - { id: 1, token: T, title: T, caseOf: device.issued, ${member} }`
  it.each([
    ['- no object', 'message'],
    ['events: 7', 'events'],
    ['event: []', 'event'],
    ['events: [', 'events'],
    [with1('phases: pre'), 'events[0].phases'],
    [with1('phase: before'), 'events[0].phase'],
    [with1('about: nobody'), 'events[0].about'],
    [with1('attributes: { AdditionalInfoNum3: x }'), 'events[0].attributes.AdditionalInfoNum3'],
    [with1('attributes: { AdditionalInfoNum1: userId }'), 'events[0].attributes.AdditionalInfoNum1'],
    [
      with1('attributes: { AdditionalInfoNum1: { code: x, words: { a: b } } }'),
      'events[0].attributes.AdditionalInfoNum1',
    ],
    [with1('attributes: { AdditionalInfoChar1: { flag: x } }'), 'events[0].attributes.AdditionalInfoChar1'],
    [with1('attributes: { AdditionalInfoChar1: activid }'), 'events[0].attributes.AdditionalInfoChar1'],
    [with1('attributes: { AdditionalInfoChar1: x, AdditionalInfoChar2: x }'), 'events[0].attributes.x'],
    ['events: [{ id: 10001, token: T, title: T, caseOf: device.issued }]', 'events[0].id'],
    ['events: [{ id: 0, token: T, title: T, caseOf: device.issued }]', 'events[0].id'],
    ['events: [{ id: 1, token: T, title: T, caseOf: device.vanished }]', 'events[0].caseOf'],
    ['events: [{ id: 1, title: T, caseOf: device.issued }]', 'events[0].token'],
    [`${with1('about: device')}\n  - { id: 1, token: U, title: U, caseOf: device.issued }`, 'events[1].id'],
  ])('are refused with the field: %s', (text, field) => {
    expect(() => readSiteCatalogue(text)).toThrow(expect.objectContaining({ code: 'invalid_config', field }))
  })
})
