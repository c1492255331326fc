/**
 * What is wrong with a target's expressions is found when it is saved, not by the first event.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHub, type Hub } from '../../src/index.js'
import { QUIET } from './ground.js'

const AT = { host: '127.0.0.1', port: 9 }
const MAIL = { ...AT, from: 'tocsin@example.org', to: 'ada@example.org' }
const ENTRY = { ...AT, operation: 'modify', dn: 'uid={{ event.id }},dc=example,dc=org' }
const ROW = { url: 'postgres://us@127.0.0.1:9/idms', table: 't', key: { id: 'event.id' } }
const STATEMENT = { url: ROW.url, statement: 'UPDATE t SET a = :a' }

/** Each place where an expression may stand, with one in it. */
const PLACES: readonly (readonly [string, string, (expression: string) => object])[] = [
  ['smtp', 'to.cel', (cel) => ({ ...MAIL, to: { cel } })],
  ['smtp', 'subject', (cel) => ({ ...MAIL, subject: `Card {{ ${cel} }}` })],
  ['smtp', 'html', (cel) => ({ ...MAIL, html: `<b>{{ ${cel} }}</b>` })],
  ['smtp', 'language', (cel) => ({ ...MAIL, language: cel, languages: { cs: { text: 'Karta' } } })],
  ['smtp', 'languages.cs.text', (cel) => ({ ...MAIL, language: '"cs"', languages: { cs: { text: `{{ ${cel} }}` } } })],
  ['ldap', 'dn', (cel) => ({ ...ENTRY, dn: `uid={{ ${cel} }},dc=example,dc=org` })],
  ['ldap', 'operation.cel', (cel) => ({ ...ENTRY, operation: { cel } })],
  ['ldap', 'attributes.cn', (cel) => ({ ...ENTRY, attributes: { cn: cel } })],
  ['ldap', 'addValues.member', (cel) => ({ ...ENTRY, addValues: { member: { dn: `uid={{ ${cel} }}` } } })],
  ['sql', 'key.id', (cel) => ({ ...ROW, key: { id: cel } })],
  ['sql', 'columns.a', (cel) => ({ ...ROW, columns: { a: cel } })],
  ['sql', 'guardKey', (cel) => ({ ...ROW, guardTable: 'g', guardKey: cel })],
  ['sql', 'parameters.a', (cel) => ({ ...STATEMENT, parameters: { a: cel } })],
]

describe.each(PLACES)('%s, %s', (transport, field, targetWith) => {
  let hub: Hub
  beforeAll(async () => {
    hub = await createHub({ database: 'memory', config: { ...QUIET, egress: { allow: ['127.0.0.0/8'] } } })
    const schema = { type: 'object', properties: { badge: { type: 'string' }, owner: { type: 'string' } } }
    const lost = { title: 'Lost', category: 'device', sensitive: ['owner'], schema }
    await hub.definitions.apply(hub.local, { types: { 'acme.lost': lost } })
  })
  afterAll(() => hub.close())

  const save = (expression: string, more: object = {}) =>
    hub.subscriptions.create(hub.local, {
      ...{ name: 'a', types: ['acme.lost'], transport, target: targetWith(expression) },
      ...more,
    } as never)

  it.each([
    ['what no type has', 'data.bagde', {}, 'badge'],
    ['what it does not see', 'data.owner', { redaction: 'sensitive' }, 'sensitive'],
    ['what is no expression', 'data..badge', {}, ''],
  ])('refuses %s, with the field', async (_title, expression, more, hint) => {
    const refused = { code: 'invalid_request', field: `target.${field}`, message: expect.stringContaining(hint) }
    await expect(save(expression, more)).rejects.toMatchObject(refused)
  })

  it('takes what is there, and what is asked for before it is read', async () => {
    await save('data.badge')
    await save('has(data.note) ? data.note : ""')
  })
})
