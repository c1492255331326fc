/**
 * Signing in by OpenID Connect, with a real provider, in a real browser.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../../server/testing.js'
import { proceed } from '../../src/index.js'
import { CLIENT, type OpenIdProvider, startOpenIdProvider } from '../../test/openid-provider.js'
import { signIn } from './browser.js'
import { agree, type Grounds } from './grounds.js'

const PEOPLE = {
  rita: { name: 'Rita Reader', groups: ['tocsin-readers'] },
  nora: { name: 'Nora Nobody', groups: ['lunch'] },
}

export const signingIn = (grounds: Grounds): void => {
  describe('signing in by OpenID Connect', () => {
    let provider: OpenIdProvider
    let world: World
    beforeAll(async () => {
      provider = await startOpenIdProvider(PEOPLE)
      world = await startWorld({}, { config: configFor(provider) })
    })
    afterAll(async () => {
      await world?.close()
      await provider?.close()
    })

    const at = async (path: string) => {
      const page = await grounds.fresh({}, [world.url, provider.issuer])
      await page.goto(`${world.url}/console/${path}`)
      return page
    }

    it('leads to the provider and back to where one wanted to go, with what the role may; the end says so', async () => {
      const page = await at('subscriptions')
      await page.getByRole('button', { name: 'Sign in with Example University' }).click()
      await page.getByLabel('Name').fill('rita')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor()
      expect(page.url()).toBe(`${world.url}/console/subscriptions`)
      await page.getByText('Rita Reader').first().waitFor()
      const menu = page.getByRole('navigation', { name: 'Pages' })
      expect(await menu.getByRole('link').allTextContents()).not.toContain('Keys')
      expect(await page.getByRole('link', { name: 'New subscription' }).count()).toBe(0)
      const kept = await page.evaluate<string>(
        'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
      )
      expect(kept).not.toMatch(/code|rita/i)

      // The session is over: the cookie is gone.
      await page.context().clearCookies()
      await menu.getByRole('link', { name: 'Events' }).click()
      await page.getByText('The session is over').waitFor()
    })

    it('is of all windows of the browser: who leaves in one is out in the other, who comes in one is seen in the other', async () => {
      const { hub } = world
      const one = await hub.keys.create(hub.local, { name: 'one', roles: ['operator'] })
      const two = await hub.keys.create(hub.local, { name: 'two', roles: ['reader'] })
      const page = await at('')
      await signIn(page, one.key)
      const other = await page.context().newPage()
      await other.goto(`${world.url}/console/`)
      await other.locator('.shell').getByText('one', { exact: true }).first().waitFor()
      await other.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('The session is over').waitFor()
      await signIn(other, two.key)
      await page.locator('.shell').getByText('two', { exact: true }).first().waitFor()
      expect(await page.getByRole('link', { name: 'Keys', exact: true }).count()).toBe(0)
    })

    it('moves a processor by keyboard, told who is affected, and the audit trail keeps it', async () => {
      const { hub } = world
      const run = () => proceed()
      for (const order of [10, 20])
        hub.use({ name: `test:${order}`, kind: 'judge', order, types: ['user.created'], run })
      const { key } = await hub.keys.create(hub.local, { name: 'operator', roles: ['operator'] })
      const page = await at('catalogue?show=processors')
      await signIn(page, key)
      await page.getByRole('button', { name: 'Move test:20 up' }).press('Enter')
      await page
        .getByRole('dialog')
        .getByText(/test:20: order 20 → \d+; runs on user\.created/)
        .waitFor()
      await agree(page, 'Move it')
      await page.getByText('test:20 is moved').waitFor()
      const judges = page.getByRole('table', { name: 'Judges' }).getByRole('link')
      const names = await judges.allTextContents()
      expect(names.indexOf('test:20')).toBeLessThan(names.indexOf('test:10'))
      await page.getByRole('link', { name: 'test:20' }).click()
      await page.getByRole('region', { name: 'Who changed it' }).getByText('processor.configure').first().waitFor()
    })

    it('refuses who has no role, and an answer that was tampered with', async () => {
      const page = await at('')
      await page.getByRole('button', { name: 'Sign in with Example University' }).click()
      await page.getByLabel('Name').fill('nora')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByText(/the claim "groups" is "lunch"/).waitFor()
      await page.getByText(/console\.oidc\.roles/).waitFor()
      await page.goto(`${world.url}/console/signed-in?code=stolen&state=forged`)
      await page.getByText(/was not begun in this browser/).waitFor()
      expect(page.url()).toBe(`${world.url}/console/signed-in`)
      await page.getByRole('link', { name: 'Back to signing in' }).click()
      await page.getByLabel('Key', { exact: true }).waitFor()
    })
  })
}

const configFor = ({ issuer }: OpenIdProvider) => ({
  database: 'memory',
  log: { level: 'silent' as const },
  sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  egress: { allow: ['127.0.0.0/8'] },
  console: {
    oidc: {
      ...{ issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, title: 'Example University' },
      roles: { 'tocsin-readers': 'reader' as const },
    },
  },
})
