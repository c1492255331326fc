import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ImportedKey } from '../../../src/index.js'
import { LineUp, TypeCatalogue } from '../../../src/index.js'
import { czechidm } from '../index.js'
import { propertiesToSettings } from './index.js'

const one = (line: string): ImportedKey => {
  const [key] = propertiesToSettings(line).keys
  if (!key) throw new Error(`${line} was passed over.`)
  return key
}

describe('the keys of the engine', () => {
  it('are two switches', () => {
    const { processing, processors, keys } = propertiesToSettings(
      'idm.sec.core.event.asynchronous.enabled=false\nidm.sec.core.event.asynchronous.stopProcessing = TRUE\n',
    )
    expect(processing).toEqual({ asynchronous: false, stopped: true })
    expect(processors).toEqual({})
    expect(keys).toEqual([
      {
        key: 'idm.sec.core.event.asynchronous.enabled',
        line: 1,
        outcome: 'taken',
        becomes: 'processing.asynchronous = false',
        remark: null,
      },
      {
        key: 'idm.sec.core.event.asynchronous.stopProcessing',
        line: 2,
        outcome: 'taken',
        becomes: 'processing.stopped = true',
        remark: null,
      },
    ])
  })
  it.each([
    ['idm.sec.core.event.asynchronous.enabled=yes', 'neither true nor false'],
    ['idm.sec.core.event.asynchronous.enabled=', 'neither true nor false'],
    ['idm.sec.core.event.asynchronous.instanceId=idm-primary', 'lease'],
    ['idm.sec.core.event.asynchronous.batchSize=100', 'whole queue'],
    ['scheduler.event.queue.process=1000', 'nothing is polled'],
    ['scheduler.event.executor.corePoolSize=4', 'thread pool'],
    ['scheduler.event.executor.maxPoolSize=8', 'thread pool'],
    ['scheduler.event.executor.queueCapacity=50', 'in the database'],
    ['scheduler.event.executor.threadPriority=6', 'thread pool'],
    ['scheduler.enabled=false', 'not about events'],
    ['idm.sec.core.init.data.enabled=true', 'when it starts'],
    ['idm.sec.core.event.asynchronous.toString=1', 'no such key'],
    ['scheduler.event.unheard.of=1', 'no such key'],
  ])('%s is refused with the reason', (line, reason) => {
    expect(one(line)).toMatchObject({ outcome: 'refused', becomes: null, remark: expect.stringContaining(reason) })
    expect(propertiesToSettings(line)).toMatchObject({ processing: {}, processors: {} })
  })
  it('are not those of anything else', () => {
    const file = 'idm.pub.app.instanceId=one\nspring.datasource.password=secret\nidm.sec.core.events=1\nscheduler.x=1'
    expect(propertiesToSettings(file)).toEqual({ processing: {}, processors: {}, keys: [], others: 4 })
  })
})

describe('the keys of a processor', () => {
  const FILE = `
idm.sec.core.processor.identity-monitored-fields-processor.enabled=true
idm.sec.core.processor.identity-monitored-fields-processor.monitoredFields = firstName, lastName
idm.sec.core.processor.identity-monitored-fields-processor.sendEmail:False
idm.sec.core.processor.identity-monitored-fields-processor.order = 500
idm.sec.acc.processor.identity-save-processor.eventTypes = NOTIFY,, EAV_SAVE\\
  , WAIT
idm.sec.mine.processor.mine-processor.enabled = false
`
  it('become the settings of module and name together', () => {
    expect(propertiesToSettings(FILE).processors).toEqual({
      'core:identity-monitored-fields-processor': {
        enabled: true,
        order: 500,
        options: { monitoredFields: 'firstName, lastName', sendEmail: false },
      },
      'acc:identity-save-processor': {
        types: ['czechidm.Identity.NOTIFY', 'czechidm.Identity.EAV_SAVE', 'czechidm.custom'],
      },
      'mine:mine-processor': { enabled: false },
    })
  })
  it('say what became of each', () => {
    const keys = propertiesToSettings(FILE).keys
    expect(keys.map(({ line, outcome }) => [line, outcome])).toEqual([
      [2, 'taken'],
      [3, 'taken'],
      [4, 'taken'],
      [5, 'mapped'],
      [6, 'mapped'],
      [8, 'unknown'],
    ])
    expect(keys[3]).toMatchObject({
      becomes: 'processors.core:identity-monitored-fields-processor.order = 500',
      remark: expect.stringContaining('never reads it; here it is obeyed'),
    })
    expect(keys[4]?.remark).toContain('czechidm.custom is also what')
    expect(keys[5]?.remark).toContain('CzechIdM ships no mine:mine-processor')
  })
  it('are settings a line-up takes, also before their processor is there', () => {
    const lineUp = new LineUp((type) => [type])
    for (const [name, setting] of Object.entries(propertiesToSettings(FILE).processors)) lineUp.set(name, setting)
    lineUp.register({ name: 'mine:mine-processor', kind: 'judge', run: () => undefined })
    expect(lineUp.get('mine:mine-processor').enabled).toBe(false)
  })
  it('name event types of the catalogue for a base type, too', () => {
    const catalogue = new TypeCatalogue((czechidm.catalogue ?? []).map(({ caseOf: _, ...type }) => type))
    const { processors } = propertiesToSettings(
      'idm.sec.core.processor.core-entity-generate-values-processor.eventTypes=CREATE,DELETE',
    )
    const types = processors['core:core-entity-generate-values-processor']?.types ?? []
    expect(types.length).toBeGreaterThan(100)
    for (const type of types) expect(catalogue.get(type), type).toBeDefined()
  })
  it.each([
    ['idm.sec.core.processor.identity-save-processor.enabled=1', 'neither true nor false'],
    ['idm.sec.core.processor.automatic-role-attribute-delete-processor.enabled=false', 'cannot be disabled'],
    ['idm.sec.core.processor.identity-save-processor.order=first', 'no whole number'],
    ['idm.sec.core.processor.identity-save-processor.order=1.5', 'no whole number'],
    ['idm.sec.core.processor.identity-save-processor.order=', 'no whole number'],
    [
      'idm.sec.core.processor.identity-save-processor.order=2147483648',
      'no whole number from -2147483647 to 2147483647',
    ],
    ['idm.sec.core.processor.identity-save-processor.eventTypes=, ,', 'names no event type'],
    ['idm.sec.core.processor.core-formable-save-processor.eventTypes=WAIT', 'no entity that is a Formable'],
    ['idm.sec.mine.processor.mine-processor.eventTypes=CREATE', 'what mine:mine-processor is about is not known'],
    [`idm.sec.core.processor.identity-save-processor.enabled=$${'{my.flag}'}`, 'placeholder'],
    ['idm.sec.core.processor.identity-save-processor', 'no processor and property'],
    ['idm.sec.core.processor.a\\ b.enabled=true', 'no processor and property'],
    ['idm.sec.core.processor.identity-save-processor.__proto__=1', 'cannot be that of an option'],
    ['idm.sec.core.processor.identity-save-processor.a\\ b=1', 'cannot be that of an option'],
  ])('%s is refused with the reason', (line, reason) => {
    expect(one(line)).toMatchObject({ outcome: 'refused', becomes: null, remark: expect.stringContaining(reason) })
    expect(propertiesToSettings(line)).toMatchObject({ processing: {}, processors: {} })
  })
  it('never tell or keep what looks like a secret, and tell no option’s value', () => {
    const imported = propertiesToSettings(`
idm.sec.acc.processor.identity-save-processor.apiToken=canary-1
idm.sec.acc.processor.identity-save-processor.url=https://user:canary-2@host/x
idm.sec.acc.processor.identity-save-processor.cert=-----BEGIN PRIVATE KEY----- canary-3
idm.sec.mine.processor.mine-processor.password=canary-4
idm.sec.acc.processor.identity-save-processor.enabled=canary-5
idm.sec.core.event.asynchronous.enabled=canary-6
idm.sec.acc.processor.identity-save-processor.order=canary-7
`)
    expect(imported.keys.map(({ outcome }) => outcome)).toEqual(Array(7).fill('refused'))
    expect(JSON.stringify(imported)).not.toContain('canary')
    const kept = propertiesToSettings('idm.sec.acc.processor.identity-save-processor.wf=canary-8')
    expect(JSON.stringify(kept.keys)).not.toContain('canary')
    expect(kept.processors['acc:identity-save-processor']?.options).toEqual({ wf: 'canary-8' })
  })
  it('named like the properties of all objects are names like others', () => {
    const { processors } = propertiesToSettings('idm.sec.__proto__.processor.__proto__.enabled=true')
    expect(Object.keys(processors)).toEqual(['__proto__:__proto__'])
  })
})

describe('docs/coming-from-czechidm.md', () => {
  const page = readFileSync(new URL('../../../docs/coming-from-czechidm.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| ((?:`[\w.<>*]+`(?:, )?)+) \| (taken|mapped|refused): /gm)].flatMap(
    ([, keys = '', outcome = '']) => [...keys.matchAll(/`([^`]+)`/g)].map(([, key = '']) => [key, outcome] as const),
  )
  const VALUES: Readonly<Record<string, string>> = { order: '7', eventTypes: 'UPDATE' }
  it('tells of every key of the engine', () => expect(rows.length).toBeGreaterThanOrEqual(11))
  it.each(rows)('%s is %s, as the page says', (row, outcome) => {
    const key = row
      .replace('<module>', 'core')
      .replace('<name>', 'identity-save-processor')
      .replace('<own>', 'wf')
      .replace('*', 'queueCapacity')
    expect(one(`${key}=${VALUES[key.split('.').at(-1) ?? ''] ?? 'true'}`).outcome).toBe(outcome)
  })
})
