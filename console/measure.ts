/**
 * `npm run console:measure -- URL KEY [RUNS]`: how long a person waits for the pages of a running console, in milliseconds: from going there
 * until all that was asked has come. The first line is a browser that was never there; the lists are turned page by page.
 */
import type { Browser, Page } from 'playwright-core'
import { openBrowser, signIn } from './test/browser.js'

const [url, key, times = '5'] = process.argv.slice(2)
if (url === undefined || key === undefined) throw new TypeError('npm run console:measure -- URL KEY [RUNS]')
const runs = Number(times)

const PAGES = ['', 'events', 'queue', 'subscriptions', 'catalogue', 'resources', 'audit', 'system']
const LISTS = ['events', 'queue', 'resources']
/** Further pages of a list, each after the other. */
const TURNS = 20

const browser = await openBrowser()
tell('sign-in page, nothing in the cache', await each(runs, () => firstVisit(browser)))
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
await page.goto(`${url}/console/`)
await page.waitForSelector('form')
await signIn(page, key)
for (const path of PAGES) tell(`/console/${path}`, await each(runs, () => visit(page, path)))
for (const path of LISTS) {
  await visit(page, path)
  tell(`/console/${path}, next page`, await each(TURNS, () => turn(page)))
}
await browser.close()

async function each(count: number, measure: () => Promise<number | null>): Promise<readonly number[]> {
  const found: number[] = []
  for (let run = 0; run < count; run++) {
    const taken = await measure()
    if (taken !== null) found.push(taken)
  }
  return found.sort((a, b) => a - b)
}

async function firstVisit(of: Browser): Promise<number> {
  const context = await of.newContext()
  try {
    const fresh = await context.newPage()
    const began = performance.now()
    await fresh.goto(`${url}/console/`)
    await fresh.getByLabel('Key', { exact: true }).fill('x')
    return performance.now() - began
  } finally {
    await context.close()
  }
}

async function visit(on: Page, path: string): Promise<number> {
  const began = performance.now()
  await on.goto(`${url}/console/${path}`)
  await arrived(on)
  return performance.now() - began
}

/** Null on the last page. */
async function turn(on: Page): Promise<number | null> {
  const next = on.getByRole('button', { name: 'Further ones' })
  if ((await next.count()) === 0) return null
  const before = await on.locator('tbody tr').first().textContent()
  const began = performance.now()
  await next.click()
  await on.waitForFunction("(text) => document.querySelector('tbody tr')?.textContent !== text", before)
  return performance.now() - began
}

async function arrived(on: Page): Promise<void> {
  await on.waitForSelector('h1')
  await on.locator('.loading').first().waitFor({ state: 'hidden' })
}

function tell(what: string, sorted: readonly number[]): void {
  const at = (index: number) => Math.round(sorted[Math.min(sorted.length - 1, index)] ?? Number.NaN)
  const said =
    sorted.length === 0 ? 'has one page' : `${at(sorted.length >> 1)} ms (${at(0)} - ${at(sorted.length - 1)})`
  console.log(`${what.padEnd(40)} ${said}`)
}
