/**
 * Debian's Chromium, driven by playwright-core; nothing it does by itself reaches for the network.
 */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'

const PROGRAM = '/usr/bin/chromium'

/** What the tests need of the machine. */
export const CHROMIUM = { there: existsSync(PROGRAM), without: PROGRAM }

const QUIET = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: PROGRAM, args: QUIET })

export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key', { exact: true }).fill(key)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForSelector('.shell')
}
