/**
 * The seed's own example: an anti-spam service hears of each domain added to or removed from a customer, of no other
 * customer's, and reads the domain back. The operator works by the command line, the service by plain HTTP.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../../cli/testing.js'
import { CONTEXT, EVENTS, STORES, startApplication, startController, until, ZONE } from '../aps/world.js'

const PATIENT = 120_000
const curl = async (...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)('curl', ['-sS', ...args])).stdout

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

describe.each(STORES.filter((store) => store !== 'memory'))('anti-spam on %s', (store) => {
  it('protects the domains of its customer', { timeout: PATIENT }, async () => {
    const service = await startApplication()
    closing.push(() => service.close())
    const controller = await startController(store, service)
    closing.push(() => controller.close())
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-aps-cli-'))
    closing.push(() => rmSync(folder, { recursive: true }))
    const environment = { TOCSIN_SERVER: controller.url, TOCSIN_KEY: controller.admin }
    const tocsin = async (...words: readonly string[]) => {
      const { code, out, err } = await runCli(words, { folder, environment })
      expect(code, err).toBe(0)
      return out
    }

    for (const customer of ['acme', 'other']) {
      await tocsin('resources', 'create', customer, '--type', 'http://aps-standard.org/types/core/account/1.0')
      await tocsin('resources', 'create', `context-${customer}`, '--type', CONTEXT, '--owner', customer)
    }
    const key = ['--name', 'antispam', '--roles', 'publisher,subscriber', '--resource', 'context-acme']
    const { key: bearer } = JSON.parse(await tocsin('--json', 'keys', 'create', ...key))
    const signer = JSON.parse(await tocsin('--json', 'keys', 'create', ...key, '--kind', 'oauth1'))
    expect(signer).toMatchObject({ kind: 'oauth1', consumerSecret: expect.stringMatching(/^\w{43}$/) })

    const resources = `${controller.url}/aps/2/resources`
    const authorization = ['-H', `Authorization: Bearer ${bearer}`]
    const json = ['-H', 'Content-Type: application/json', ...authorization]
    for (const event of ['available', 'removed']) {
      const body = JSON.stringify({ event: EVENTS + event, source: { type: ZONE }, relation: '', handler: 'onDomain' })
      const answer = await curl(
        '-w',
        ' %{http_code}',
        ...json,
        '-d',
        body,
        `${resources}/context-acme/aps/subscriptions`,
      )
      expect(answer).toMatch(/^\{"id":"sub_.* 200$/)
    }

    const list = new Set<string>()
    service.answer = ({ url, body }) => {
      expect(url).toBe('/contexts/context-acme/onDomainEvent')
      if (body.event.endsWith('removed')) list.delete(body.source.id)
      else list.add(body.source.id)
      return 204
    }
    const add = (id: string, owner: string) =>
      tocsin('resources', 'create', id, '--type', ZONE, '--owner', owner, '--set', `name=${id}.example`)
    await add('one', 'acme')
    await add('theirs', 'other')
    await add('two', 'acme')
    await until(() => list.size === 2, 'both domains are protected')
    expect(JSON.parse(await curl(...authorization, `${resources}/one`))).toMatchObject({
      ...{ name: 'one.example', aps: { id: 'one', type: ZONE } },
    })
    expect(await curl('-w', ' %{http_code}', ...authorization, `${resources}/theirs`)).toMatch(/ 404$/)

    await tocsin('resources', 'remove', 'theirs')
    await tocsin('resources', 'remove', 'one')
    await until(() => !list.has('one'), 'a removed domain is protected no more')
    expect([...list]).toEqual(['two'])
    expect(service.told.map(({ body }) => body.source.id)).not.toContain('theirs')
    expect(service.told).toHaveLength(3)
  })
})
