/** `tocsin/testing` as authors of sinks and of plug-ins use it: their classes on recorded events. */
import { expect, it } from 'vitest'
import { type Plugin, toWire } from '../src/index.js'
import { rehearse } from '../src/testing.js'
import { type AIMSEvent, actividCms, EventNotificationAdapter } from './activid-cms/index.js'
import { samples as actividSamples } from './activid-cms/samples.js'
import { fimCm, type Notification, type NotificationContext, type NotificationSink } from './fim-cm/index.js'
import { samples as fimSamples } from './fim-cm/samples.js'

/** As `tocsin tail --json` records them. */
const recorded = (plugin: Plugin, samples: readonly unknown[]) =>
  samples
    .flatMap((each) => plugin.translators?.[0]?.translate(each, { source: '/test', receivedAt: 0 }) ?? [])
    .map((event, index) => toWire({ ...event, id: `${plugin.name}-${index}` } as never))
const events = [
  ...recorded(
    fimCm,
    fimSamples(20, () => 0.5),
  ),
  ...recorded(
    actividCms,
    actividSamples(20, () => 0.5),
  ),
]

let told: string[] = []

class ApprovalLog implements NotificationSink {
  #prefix = ''
  initialize(data: string) {
    this.#prefix = data
  }
  async notify({ notificationType, request }: Notification, { provision }: NotificationContext) {
    const { uuid } = await provision.getRequest(request.uuid)
    told.push(`${this.#prefix} ${notificationType} ${uuid === request.uuid}`)
  }
}
class Door implements NotificationSink {
  initialize() {}
  notify(): never {
    throw new Error('The door does not answer.')
  }
}
class Directory extends EventNotificationAdapter {
  override onDeviceEventReceived({ EventID, ClientID }: AIMSEvent) {
    told.push(`${EventID} ${ClientID}`)
  }
}

it('sinks of FIM CM are called in their order on what was recorded, and a throw is told', async () => {
  told = []
  const rehearsals = await rehearse(
    {
      plugins: [fimCm, actividCms],
      classes: { 'Contoso.ApprovalLog, Contoso': ApprovalLog, 'Contoso.Door, Contoso': Door },
      registrations: {
        'fim-cm': [
          { event: 'ApproveRequest', class: 'Contoso.Door,Contoso' },
          { event: 'ApproveRequest', class: 'Contoso.ApprovalLog,Contoso', data: 'log' },
        ],
      },
    },
    events,
  )
  const approved = rehearsals.filter(({ type }) => type === 'fim-cm.ApproveRequest')
  expect(approved.length).toBeGreaterThan(0)
  expect(told).toEqual(approved.map(() => 'log ApproveRequest true'))
  for (const { calls } of approved)
    expect(calls.filter(({ kind }) => kind === 'witness')).toMatchObject([
      { processor: 'fim-cm:ApproveRequest:Contoso.Door', state: 'exception', message: 'The door does not answer.' },
      { processor: 'fim-cm:ApproveRequest:Contoso.ApprovalLog', state: 'executed' },
    ])
})

it('a plug-in of ActivID CMS hears its group, and a class nobody knows is told at once', async () => {
  told = []
  const plugins = [fimCm, actividCms]
  const registrations = { 'activid-cms': [{ class: 'com.acme.Directory', data: 'DIR' }] }
  const rehearsals = await rehearse({ plugins, classes: { 'com.acme.Directory': Directory }, registrations }, events)
  const issued = rehearsals.find(({ type }) => type === 'activid-cms.10001')
  expect(issued?.calls).toMatchObject([{ processor: 'activid-cms:DIR', state: 'executed' }])
  expect(told[0]).toMatch(/^10001 \S+/)
  expect(told.every((line) => line.startsWith('1'))).toBe(true)
  await expect(rehearse({ plugins, registrations }, events)).rejects.toThrow(
    /com.acme.Directory was not started: .*table/,
  )
})
