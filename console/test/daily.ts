/**
 * What is done day by day: looking why, stopping and going on, one delivery, one subscription, very many at once.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { expect, it } from 'vitest'
import { agree, type Grounds, goTo } from './grounds.js'

/** More than are done in one part. */
const MANY = 600

export const working = (grounds: Grounds): void => {
  const call = (path: string, body?: unknown) => grounds.world.call(body === undefined ? 'GET' : 'POST', path, body)
  const items = async (path: string) => ((await call(path)) as { readonly items: readonly Item[] }).items
  const at = (path: string, settings: object = {}) => grounds.pageOf(grounds.world.key, settings, path)

  /** What it is told of waits until it is fetched. */
  async function fetching(name: string, types: readonly string[]): Promise<string> {
    const made = await call('/v1/subscriptions', { name, types, scope: 'tenant', transport: 'pull', order: 'none' })
    return (made as { readonly id: string }).id
  }
  const happen = (type: string, number: number) =>
    Promise.all(
      Array.from({ length: number }, (_, index) =>
        call('/v1/events', { type, source: '/desk', subject: `desk-${index}`, data: {} }),
      ),
    )
  const unfinished = async (subscription: string) =>
    ((await call(`/v1/tasks/counts?subscription=${subscription}`)) as { readonly unprocessed: number }).unprocessed

  it('pauses a subscription and lets it go on, by keyboard alone', async () => {
    const id = await fetching('desk', ['device.bound'])
    const page = await at(`subscription?id=${id}`)
    await page.getByRole('button', { name: 'Pause …' }).press('Enter')
    await page
      .getByRole('dialog')
      .getByText(/is kept, in order, until it goes on/)
      .waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /desk paused/ }).waitFor()
    await goTo(page, 'Overview')
    await page.getByText('desk is told nothing').waitFor()
    await page.goBack()
    await page.getByRole('button', { name: 'Go on' }).press('Enter')
    await page.getByRole('heading', { name: /desk active/ }).waitFor()
  }, 120_000)

  it('gives a subscription a new signing secret, shown this once', async () => {
    const id = (await items('/v1/subscriptions')).find(({ name }) => name === 'siem')?.id
    const page = await at(`subscription?id=${id}`)
    await page.getByRole('button', { name: 'Make a new one …' }).click()
    await agree(page, 'Make a new one', /The old one signs beside it for a day/)
    const secret = await page.getByText(/^whsec_/).textContent()
    await page.reload()
    await page.getByRole('heading', { name: /siem active/ }).waitFor()
    expect(await page.content()).not.toContain(secret)
    await page.getByRole('button', { name: 'Send a test event' }).click()
    await page.getByRole('heading', { name: /Attempt 1 delivered/ }).waitFor()
  }, 120_000)

  it('changes the priority of one delivery, stops it and sends it again', async () => {
    const id = await fetching('desk', ['device.unbound'])
    await happen('device.unbound', 1)
    const page = await at(`queue?subscription=${id}`)
    await page.getByRole('link', { name: 'device.unbound' }).click()
    await page.getByLabel('Priority').selectOption('high')
    await page.getByText('Its priority is high.').waitFor()
    await page.getByRole('button', { name: 'Stop …' }).click()
    await agree(page, 'Stop it')
    await page.getByRole('heading', { name: /device\.unbound to desk cancelled/ }).waitFor()
    await page.getByRole('button', { name: 'Send again now' }).click()
    await page.getByRole('heading', { name: /device\.unbound to desk due/ }).waitFor()
    expect(await items(`/v1/tasks?subscription=${id}`)).toMatchObject([{ state: 'due', priority: 'high' }])
    await page.getByRole('link', { name: 'Queue' }).click()
    await page.getByText('Further', { exact: true }).click()
    await page.getByLabel('Key').fill('desk-0')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('row', { name: /device\.unbound desk-0 desk/ }).waitFor()
  }, 120_000)

  it('stops asynchronous processors, and lets them go on', async () => {
    const page = await at('queue')
    await page.getByRole('button', { name: 'Stop processors …' }).click()
    await agree(page, 'Stop them', /waits until they go on/)
    await page.getByText('asynchronous processors are stopped', { exact: true }).waitFor()
    expect(await call('/v1/processing')).toMatchObject({ stopped: true })
    await page.getByRole('button', { name: 'Let processors go on …' }).click()
    await agree(page, 'Go on')
    await page.getByRole('button', { name: 'Stop processors …' }).waitFor()
    expect(await call('/v1/processing')).toMatchObject({ stopped: false })
  }, 120_000)

  it('moves a processor by dragging it, told first what that changes', async () => {
    const page = await at('catalogue?show=processors')
    const line = page.getByRole('table', { name: 'Judges' })
    const names = () => line.getByRole('link').allTextContents()
    await line.waitFor()
    const [first = '', last = ''] = await names()
    await drag(page, line.getByRole('row', { name: last }), line.getByRole('row', { name: first }))
    await agree(page, 'Move it', new RegExp(`${last}: order -?\\d+ → -?\\d+`))
    await page.getByText(`${last} is moved`).waitFor()
    await expect.poll(names).toEqual([last, first])
  }, 120_000)

  it('says of a resource who would be told of it and why, and explains one event to one subscriber', async () => {
    await call('/v1/resources', { id: 'desk-badge', type: 'badge', owner: 'northgate' })
    const page = await at('resource?id=desk-badge')
    const would = page.locator('section', { hasText: 'Who would be told, and why' })
    await would
      .getByText(/they have the same owner/)
      .first()
      .waitFor()
    await would.getByRole('button', { name: 'Why? directory' }).click()
    await would.getByText('may see it').first().waitFor()

    const [hired] = await items('/v1/events?type=user.updated')
    await goTo(page, 'Explain')
    await page.getByLabel('Id of the event').fill(String(hired?.event?.id))
    await page.getByLabel('Subscription').selectOption('directory')
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.locator('.decisions .stop', { hasText: /northgate-directory did not see/ }).waitFor()
  }, 120_000)

  it('says that a target fails before anything is given up, and sends again what was delivered', async () => {
    const receiver = createServer((_request, answer) => void answer.writeHead(204).end())
    const port = await listening(receiver, 0)
    receiver.close()
    const spec = { name: 'gate', types: ['device.resumed'], scope: 'tenant', transport: 'webhook', order: 'none' }
    const retry = { attempts: 50, firstDelay: 1_000, maxDelay: 1_000 }
    await call('/v1/subscriptions', { ...spec, retry, target: { url: `http://127.0.0.1:${port}/` } })
    await happen('device.resumed', 20)
    const page = await at('')
    const attention = page.getByRole('listitem').filter({ hasText: 'gate does not take what it is sent' })
    await attention.getByRole('link', { name: 'See why' }).click()
    await page.getByText(/It is tried again by itself/).waitFor()
    await listening(receiver, port)
    try {
      await page.getByRole('button', { name: 'Send a test event' }).click()
      await page.getByRole('link', { name: /^Delivered 20$/ }).click()
      await page.getByRole('link', { name: 'device.resumed' }).first().click()
      await page.getByRole('button', { name: 'Send again …' }).click()
      await agree(page, 'Send again', /once more, by the same id/)
      await expect.poll(() => page.getByRole('heading', { name: /^Attempt \d+ delivered/ }).count(), LONG).toBe(2)
    } finally {
      receiver.close()
    }
  }, 120_000)

  it('shows at once what a filter leaves of what a new subscription would have heard', async () => {
    const page = await at('subscription-new')
    const preview = page.locator('section', { hasText: 'What it would have heard' })
    const heard = async () => Number(/it would have heard (\d+)/.exec((await preview.textContent()) ?? '')?.[1])
    await page.getByRole('button', { name: 'Everything' }).click()
    await expect.poll(heard).toBe(50)
    await page.getByText('Only some of them').click()
    await page.getByLabel(/^Filters/).fill('[{"exact": {"type": "user.created"}}]')
    await expect.poll(heard).toBeLessThan(50)
    await preview.getByText('not told').first().waitFor()
  }, 120_000)

  it('goes on with very many after the window was closed, where it was', async () => {
    const id = await fetching('desk', ['device.printed'])
    await happen('device.printed', MANY)
    const page = await at(`queue?subscription=${id}`)
    // Closing is asked once.
    page.on('dialog', (dialog) => void dialog.accept())
    await page.route('**/v1/tasks/bulk', (route) =>
      /"cursor"/.test(route.request().postData() ?? '') ? undefined : route.continue(),
    )
    await page.getByRole('button', { name: 'Stop …' }).click()
    await agree(page, 'Stop', new RegExp(`${MANY} tasks will not be sent`))
    const works = page.getByRole('region', { name: 'What goes on' })
    await works.getByText(/500 of 600 tasks/).waitFor()
    await goTo(page, 'Events')
    await works.getByRole('progressbar').waitFor()
    expect(await unfinished(id)).toBe(MANY - 500)

    await page.reload()
    await works.getByText(/the window was closed after 500 of 600 tasks/).waitFor()
    await page.unroute('**/v1/tasks/bulk')
    await works.getByRole('button', { name: 'Go on' }).click()
    await works.getByText(/done to 600 tasks/).waitFor()
    expect(await unfinished(id)).toBe(0)
    await works.getByRole('button', { name: 'Close' }).click()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor()
    expect(await works.textContent()).toBe('')
  }, 120_000)

  it('is of use on a narrow phone, and to a subscriber with its own key', async () => {
    await call('/v1/resources', { id: 'desk-pass', type: 'badge', owner: 'northgate' })
    await call('/v1/events', { type: 'device.issued', source: '/desk', subject: 'desk-pass', data: {} })
    const page = await grounds.pageOf(grounds.world.subscriber, { viewport: { width: 360, height: 780 } })
    await page.getByRole('link', { name: /^On their way [1-9]/ }).waitFor()
    await goTo(page, 'Events')
    await page.getByRole('button', { name: 'Filter …' }).click()
    await page.getByLabel('Type').fill('device.issued')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('link', { name: 'device.issued' }).first().click()
    const told = page.getByRole('region', { name: 'Who was told' })
    await told.getByRole('button', { name: 'Why? own pull' }).click()
    await told.getByText(/they have the same owner/).waitFor()
    expect(await told.getByRole('link', { name: 'siem' }).count()).toBe(0)
    await page.getByRole('link', { name: 'northgate', exact: true }).click()
    await page.getByRole('heading', { name: 'Your key' }).waitFor()
    await page.getByText('what northgate-directory may see').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
  }, 120_000)
}

const LONG = { timeout: 30_000 }

const listening = (server: Server, port: number): Promise<number> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))

interface Item {
  readonly id: string
  readonly name?: string
  readonly event?: { readonly id: string }
}

type Place = ReturnType<Page['getByRole']>

/** As a hand does it. */
async function drag(page: Page, from: Place, to: Place): Promise<void> {
  await from.hover()
  await page.mouse.down()
  await to.hover()
  // The first move over it says that it came; the second that it may be dropped.
  await to.hover()
  await page.mouse.up()
}
