/**
 * One server and one browser for all journeys, and everything that any page complained of meanwhile.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openBrowser, signIn } from './browser.js'
import { type ConsoleWorld, startConsoleWorld } from './world.js'

const DESK = { width: 1280, height: 900 }

export class Grounds {
  /** Whatever a page complained of, or asked of anybody else. */
  readonly complaints: string[] = []
  readonly #open: BrowserContext[] = []
  #world: ConsoleWorld | undefined
  #browser: Browser | undefined

  async start(): Promise<void> {
    ;[this.#world, this.#browser] = await Promise.all([startConsoleWorld(), openBrowser()])
  }

  get world(): ConsoleWorld {
    if (!this.#world) throw new Error('It was not started.')
    return this.#world
  }

  /** @param asked the origins it may ask; the first is that of the console */
  async fresh(settings: object = {}, asked: readonly string[] = [this.world.url]): Promise<Page> {
    const context = await this.#browser?.newContext({ viewport: DESK, ...settings })
    if (!context) throw new Error('It was not started.')
    this.#open.push(context)
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      const ours = message.location().url.startsWith(asked[0] ?? '')
      if (ours && ['error', 'warning'].includes(message.type()))
        this.complaints.push(`${message.text()} ${message.location().url}`)
    })
    page.on('request', (request) => {
      if (!asked.some((origin) => request.url().startsWith(origin))) this.complaints.push(`asked ${request.url()}`)
    })
    return page
  }

  /** Signed in, at a page of the console. */
  async pageOf(key: string, settings: object = {}, path = ''): Promise<Page> {
    const page = await this.fresh(settings)
    await page.goto(`${this.world.url}/console/${path}`)
    await page.waitForSelector('.sign-in')
    await signIn(page, key)
    return page
  }

  /** A page left open would go on asking. */
  async leave(): Promise<void> {
    for (const context of this.#open.splice(0)) await context.close()
  }

  async close(): Promise<void> {
    await this.#browser?.close()
    await this.#world?.close()
  }
}

export const goTo = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

/** Says yes to what is asked once. */
export async function agree(page: Page, act: string, words?: RegExp): Promise<void> {
  const question = page.getByRole('dialog')
  if (words) await question.getByText(words).waitFor()
  await question.getByRole('button', { name: act, exact: true }).click()
}
