/**
 * `npm run console:shots -- URL KEY [FOLDER] [PAGE...]`: every page of a running console in light, dark and on a phone, as pictures in a
 * folder outside the repository, to be looked at.
 */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openBrowser, signIn } from './test/browser.js'

const [url, key, given, ...only] = process.argv.slice(2)
if (url === undefined || key === undefined) throw new TypeError('npm run console:shots -- URL KEY [FOLDER] [PAGE...]')
const folder = given ?? mkdtempSync(join(tmpdir(), 'tocsin-shots-'))
mkdirSync(folder, { recursive: true })

const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 360, height: 780 } },
] as const

/** A page by its address, or by the first link like that on the page before it; and the buttons to press on it. */
const PAGES: readonly (readonly [name: string, path: string, link?: string, ...press: readonly RegExp[]])[] = [
  ['overview', ''],
  ['events', 'events'],
  ['event', 'events', '/console/event?'],
  ['event-changes', 'events?type=user.updated', '/console/event?'],
  ['event-why', 'events?type=user.updated', '/console/event?', /^Why not/, /^Show what is sensitive/, /^As JSON/],
  ['queue', 'queue'],
  ['queue-failed', 'queue?state=exhausted'],
  ['queue-question', 'queue?state=exhausted', undefined, /^Send again/],
  ['task', 'queue?state=exhausted', '/console/task?'],
  ['subscriptions', 'subscriptions'],
  ['subscription', 'subscriptions', '/console/subscription?'],
  ['subscription-failing', '', '/console/subscription?'],
  ['subscription-change', 'subscriptions', '/console/subscription?', /^Change$/, /^Change how/],
  ['subscription-new', 'subscription-new'],
  ['subscription-new-webhook', 'subscription-new', undefined, /^user/, /^Webhook/],
  ['explain', 'explain'],
  ['catalogue', 'catalogue'],
  ['type', 'catalogue', '/console/type?'],
  ['processors', 'catalogue?show=processors'],
  ['who-runs', 'catalogue?show=overview'],
  ['resource-types', 'catalogue?show=resources'],
  ['processor', 'catalogue?show=processors', '/console/processor?'],
  ['resources', 'resources'],
  ['resource', 'resources', '/console/resource?'],
  ['resource-linked', 'events?type=resource.linked', '/console/resource?'],
  ['keys', 'keys'],
  ['own-key', 'own-key'],
  ['tenants', 'tenants'],
  ['audit', 'audit'],
  ['system', 'system'],
]

const browser = await openBrowser()
for (const { name: look, ...settings } of LOOKS) {
  const context = await browser.newContext(settings)
  const page = await context.newPage()
  await page.goto(`${url}/console/`)
  await page.waitForSelector('form')
  if (only.length === 0) await shoot(page, 'sign-in', look)
  await signIn(page, key)
  for (const [name, path, link, ...press] of PAGES.filter(([each]) => only.length === 0 || only.includes(each))) {
    await page.goto(`${url}/console/${path}`)
    await settled(page)
    if (link !== undefined) {
      const found = page.locator(`main a[href^="${link}"]`).first()
      if ((await found.count()) === 0) continue
      await found.click()
      await settled(page)
    }
    for (const label of press) {
      await page.getByRole('button', { name: label }).first().click()
      await settled(page)
    }
    await shoot(page, name, look)
  }
  await context.close()
}
await browser.close()
console.log(folder)

async function settled(page: Page): Promise<void> {
  await page.waitForSelector('h1')
  // What comes after the first answer.
  await page.waitForTimeout(700)
}

async function shoot(page: Page, name: string, look: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}-${look}.png`), fullPage: true })
}
