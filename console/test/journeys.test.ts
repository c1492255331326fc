/**
 * What people come to the console for, in a real Chromium against a real server with the quickstart's data.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../test/faults/tools.js'
import { CHROMIUM } from './browser.js'
import { working } from './daily.js'
import { Grounds, goTo } from './grounds.js'
import { operating } from './operator.js'
import { signingIn } from './sign-in.js'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const BUILT = fileURLToPath(new URL('../../dist/console/', import.meta.url))

const DESK = { width: 1280, height: 900 }
const PHONE = { width: 360, height: 780 }

const grounds = new Grounds()

describe.skipIf(isLacking(CHROMIUM))(named('the console', CHROMIUM), () => {
  beforeAll(() => grounds.start(), 120_000)
  afterAll(() => grounds.close())
  afterEach(() => grounds.leave())

  const pageOf = grounds.pageOf.bind(grounds)

  it('lets a newcomer find what failed, why somebody was not told, mend the target and send again', async () => {
    const page = await pageOf(grounds.world.key)
    const attention = page.getByRole('region', { name: 'Needs attention' })
    await attention.getByText(/did not reach payroll/).waitFor()

    // What just happened, and who was told of it.
    await page
      .getByRole('region', { name: 'What just happened' })
      .getByRole('link', { name: 'user.updated' })
      .first()
      .click()
    const told = page.getByRole('region', { name: 'Who was told' })
    await told.getByRole('button', { name: 'Why not? directory' }).click()
    await told.getByText(/northgate-directory did not see/).waitFor()
    await page.getByText('Show what is sensitive').first().click()
    await page.getByText('status', { exact: true }).waitFor()
    expect(await page.locator('.diff').textContent()).toContain('active')

    // Its target is wrong.
    await told.getByRole('link', { name: 'payroll', exact: true }).click()
    await page.getByText(/did not arrive/).waitFor()
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByLabel('URL', { exact: true }).fill('not a url')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('alert').first().waitFor()
    await page.getByLabel('URL', { exact: true }).fill(grounds.world.mend.right)
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('is told there from now on').waitFor()
    await page.getByRole('button', { name: 'Send a test event' }).click()
    await page.getByRole('heading', { name: /Attempt 1 delivered/ }).waitFor()

    // Send again what was given up.
    await page.getByRole('button', { name: 'Send again …' }).click()
    const question = page.getByRole('dialog')
    await question.getByText(/events? that (was|were) given up will be sent again/).waitFor()
    await question.getByRole('button', { name: 'Send again', exact: true }).click()
    await page.getByText(/on the way again/).waitFor()
    await page.getByRole('link', { name: /^Delivered 4$/ }).waitFor({ timeout: 60_000 })
    await goTo(page, 'Overview')
    await page.getByText('All is well').waitFor()
  }, 120_000)

  it('makes a subscription step by step, and says what it would have heard', async () => {
    const page = await pageOf(grounds.world.key)
    await goTo(page, 'Subscriptions')
    await page.getByRole('link', { name: 'New subscription' }).click()
    await page.getByLabel('Name', { exact: true }).fill('auditors')
    await page.getByRole('button', { name: 'user.*' }).click()
    await page.getByText(/it would have heard \d+/).waitFor()
    await page.getByRole('button', { name: /^Webhook/ }).click()
    await page.getByLabel('URL', { exact: true }).fill(grounds.world.mend.right.replace('payroll', 'auditors'))
    await page.getByRole('button', { name: 'Subscribe', exact: true }).click()
    await page.getByText(/^whsec_/).waitFor()
    await page.getByRole('link', { name: /send a test event/ }).click()
    await page.getByRole('heading', { name: /auditors active/ }).waitFor()
    expect(await page.content()).not.toContain('whsec_')
    await page.getByRole('button', { name: 'Remove …' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click()
    await page.getByRole('heading', { level: 1, name: 'Subscriptions' }).waitFor()
  }, 120_000)

  it('shows a subscriber its own and nothing else, and keeps no key in the page', async () => {
    const page = await pageOf(grounds.world.subscriber)
    const menu = page.getByRole('navigation', { name: 'Pages' })
    expect(await menu.getByRole('link').allTextContents()).toEqual([
      ...['Overview', 'Events', 'Queue', 'Subscriptions', 'Explain', 'Catalogue'],
    ])
    await goTo(page, 'Subscriptions')
    await page.getByRole('link', { name: 'own pull' }).waitFor()
    expect(await page.getByRole('link', { name: 'siem' }).count()).toBe(0)
    await page.goto(`${grounds.world.url}/console/keys`)
    await page.getByText(/needs the scope keys:read/).waitFor()
    const kept = await page.evaluate<string>(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])',
    )
    expect(kept + (await page.content())).not.toContain(grounds.world.subscriber)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForSelector('.sign-in')
  }, 120_000)

  it('refuses a wrong key in words, and is used by keyboard alone', async () => {
    const page = await grounds.fresh()
    await page.goto(`${grounds.world.url}/console/queue`)
    await page.getByLabel('Key', { exact: true }).focus()
    await page.keyboard.type('tsk_wrong')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('This key is not valid here.').waitFor()
    await page.getByLabel('Key', { exact: true }).fill(grounds.world.key)
    await page.keyboard.press('Enter')
    // Where one wanted to go.
    await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toContain('To the page')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('main')
  }, 120_000)

  operating(grounds)
  working(grounds)
  signingIn(grounds)

  it('is accessible on every page, in the dark too, and fits a narrow phone', async () => {
    // The checker is a script of another origin: the policy would keep it out.
    const page = await pageOf(grounds.world.key, { bypassCSP: true })
    const found: string[] = []
    const check = async (path: string, ...rules: readonly string[]) =>
      found.push(...(await violations(page, rules)).map((text) => `${path}: ${text}`))
    for (const path of await everyPage(page)) {
      await page.setViewportSize(DESK)
      await page.goto(`${grounds.world.url}/console/${path}`)
      await shown(page)
      await check(path)
      await page.emulateMedia({ colorScheme: 'dark' })
      if (path === '' || path.includes('?id=')) await check(`${path} in the dark`, 'color-contrast')
      await page.emulateMedia({ colorScheme: 'light' })
      await page.setViewportSize(PHONE)
      const width = await page.evaluate<number>('document.documentElement.scrollWidth')
      if (width > PHONE.width) found.push(`${path}: ${width} wide on a phone`)
    }
    expect(found).toEqual([])
  }, 180_000)

  it('complained of nothing and asked nobody else', () => {
    // What was refused on purpose: a wrong address, a wrong key, a page or a person that is not for it, a type that is in no catalogue.
    const isMeant = (text: string) => /status of (401|403|422)|status of 404 .*\/v1\/types\/moon\.landed$/.test(text)
    expect(grounds.complaints.filter((text) => !isMeant(text))).toEqual([])
  })

  it('is small', () => {
    const files = readdirSync(BUILT, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(js|css|html)$/.test(name),
    )
    const bytes = files.map((name) => gzipSync(readFileSync(join(BUILT, name))).length)
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThan(300_000)
  })
})

/** All answers have come. */
async function shown(page: Page): Promise<void> {
  await page.waitForSelector('h1')
  await page.locator('.loading').first().waitFor({ state: 'hidden' })
}

/** What makes the long lists short: the checker takes its time for each cell. */
const SHORT: Readonly<Record<string, string>> = {
  events: 'events?type=user.updated',
  queue: 'queue?subject=bruno.lindqvist',
  resources: 'resources?type=directory',
  catalogue: 'catalogue?show=resources',
}

/** The pages of the menu, and one of each kind behind them. */
async function everyPage(page: Page): Promise<readonly string[]> {
  const links = await page.locator('nav[aria-label="Pages"] a').all()
  const paths = await Promise.all(
    links.map(async (link) => (await link.getAttribute('href'))?.slice('/console/'.length) ?? ''),
  )
  return [...paths.map((path) => SHORT[path] ?? path), 'subscription-new', 'own-key', ...(await oneOfEach())]
}

async function oneOfEach(): Promise<readonly string[]> {
  const first = async (path: string) => {
    const { items } = (await grounds.world.call('GET', path)) as { readonly items: readonly Record<string, unknown>[] }
    return items[0] ?? {}
  }
  const { event } = await first('/v1/events?type=user.updated')
  const task = await first('/v1/tasks')
  const subscription = await first('/v1/subscriptions')
  const resource = await first('/v1/resources?type=directory')
  return [
    `event?id=${(event as { readonly id: string }).id}`,
    `task?id=${task.id}`,
    `subscription?id=${subscription.id}`,
    `resource?id=${resource.id}`,
    'type?name=user.updated',
  ]
}

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string }[]
}

/** @param rules some of them; none: WCAG 2.2 AA, as axe checks it. */
async function violations(page: Page, rules: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(AXE)
  const runOnly = rules.length > 0 ? { type: 'rule', values: rules } : { type: 'tag', values: WCAG }
  const script = `axe.run(${JSON.stringify({ runOnly, preload: false })}).then(({ violations }) => violations)`
  return (await page.evaluate<readonly Violation[]>(script)).map(({ id, nodes }) => `${id} ${nodes[0]?.html}`)
}
