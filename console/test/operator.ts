/**
 * What operators do: many tasks at once, keys and tenants, the order of processors, telling again what was.
 */
import { expect, it } from 'vitest'
import { signIn } from './browser.js'
import { agree, type Grounds, goTo } from './grounds.js'

interface Shown {
  readonly key: string
}

export const operating = (grounds: Grounds): void => {
  it('does one deed to all that a filter finds: counted, asked once', async () => {
    const page = await grounds.pageOf(grounds.world.key, {}, 'queue?state=done&type=user.updated')
    await page.getByRole('button', { name: 'Delete …' }).click()
    await agree(page, 'Delete', /tasks? will go from the queue for good/)
    await page.getByText(/Delete: done to \d+ tasks?/).waitFor()
    await page.getByText('Nothing fits.').waitFor()
    const path = '/v1/tasks?state=done&type=user.updated'
    expect((await grounds.world.call('GET', path)) as object).toMatchObject({ items: [] })
  }, 120_000)

  it('makes a key, shows it once and revokes it; makes a tenant, shuts it out, lets it in and limits it', async () => {
    const page = await grounds.pageOf(grounds.world.key, {}, 'keys')
    await page.getByLabel('For whom').fill('visitor')
    await page.getByRole('button', { name: 'Make it' }).click()
    const key = await page.getByText(/^tsk_/).textContent()
    await goTo(page, 'Audit')
    await goTo(page, 'Keys')
    const row = page.getByRole('row', { name: /visitor/ })
    await row.getByText('in force').waitFor()
    expect(await page.content()).not.toContain(key)
    await row.getByRole('button', { name: /Revoke/ }).click()
    await agree(page, 'Revoke it')
    await row.getByText('revoked').waitFor()

    await goTo(page, 'Tenants')
    await page.getByLabel('Id', { exact: true }).fill('branch')
    await page.getByLabel('Name', { exact: true }).fill('The branch')
    await page.getByRole('button', { name: 'Make it' }).click()
    const tenant = page.getByRole('row', { name: /The branch/ })
    await tenant.getByRole('button', { name: /Shut out/ }).click()
    await agree(page, 'Shut it out', /None of its keys/)
    await tenant.getByRole('button', { name: /Let in/ }).click()
    await agree(page, 'Let it in')
    await tenant.getByRole('button', { name: /Shut out/ }).waitFor()

    await tenant.getByRole('button', { name: /Limits/ }).click()
    await page.getByLabel('Weight').fill('3')
    await page.getByLabel('Events a second').fill('200')
    await agree(page, 'Set it', /What The branch may have/)
    await tenant.getByText('weighs 3, 200 events a second').waitFor()
    await tenant.getByRole('button', { name: /Limits/ }).click()
    await page.getByLabel('Events a second').fill('')
    await agree(page, 'Set it', /What The branch may have/)
    await tenant.getByText('weighs 3', { exact: true }).waitFor()
  }, 120_000)

  it('keeps the tenant that an operator looks at: in the address, after a reload, and after signing in again', async () => {
    const { call, url, key } = grounds.world
    await call('POST', '/v1/tenants', { id: 'annex', name: 'The annex', openTypes: true })
    const page = await grounds.pageOf(key)
    await page.getByLabel('Tenant').selectOption('annex')
    await goTo(page, 'Subscriptions')
    await page.getByText('Nobody wants to be told anything yet.').waitFor()
    await page.reload()
    await page.getByText('Nobody wants to be told anything yet.').waitFor()
    await page.context().clearCookies()
    await page.getByRole('link', { name: 'Queue', exact: true }).click()
    await page.getByText('The session is over.').waitFor()
    await signIn(page, key)
    await goTo(page, 'Subscriptions')
    await page.getByText('Nobody wants to be told anything yet.').waitFor()
    expect(await page.getByLabel('Tenant').inputValue()).toBe('annex')
    await page.getByLabel('Tenant').selectOption('default')
    await goTo(page, 'Subscriptions')
    await page.getByRole('link', { name: 'siem' }).waitFor()
    expect(page.url()).toBe(`${url}/console/subscriptions`)
  }, 120_000)

  it('shows what an event of a type says that is not in the catalogue, its beginning where it is very long', async () => {
    const { call, key, url } = grounds.world
    const data = { note: 'n'.repeat(9_000), rows: Array.from({ length: 250 }, (_, row) => ({ row: `row ${row}` })) }
    const publisher = (await call('POST', '/v1/keys', { name: 'moon', roles: ['publisher'], tenant: 'annex' })) as Shown
    await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${publisher.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'moon.landed', source: '/moon', id: 'landed', data }),
    })
    const page = await grounds.pageOf(key, {}, 'event?id=landed&tenant=annex')
    await page.getByText('row 99', { exact: true }).waitFor()
    expect(await page.getByText('row 100', { exact: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Show 100 of 150 further ones' }).click()
    await page.getByText('row 100', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Show all 9,000 characters' }).click()
    await page.getByText('n'.repeat(9_000), { exact: true }).waitFor()
  }, 120_000)

  it('makes a subscription that sees some of what is sensitive, and keeps it so whatever else is changed', async () => {
    const page = await grounds.pageOf(grounds.world.key, {}, 'subscription-new')
    await page.getByLabel('Name', { exact: true }).fill('registrar')
    await page.getByRole('button', { name: 'user.*' }).click()
    await page.getByText('Only some of them').click()
    await page.getByLabel(/^Filters/).fill('[{"cel": "has(data.email)"}]')
    await page.getByLabel(/^Leave out what is sensitive/).check()
    await page.getByText(/it would have heard 0\./).waitFor()
    await page.getByRole('group', { name: 'But it sees' }).getByRole('button', { name: 'person' }).click()
    await page.getByText(/it would have heard [1-9]/).waitFor()
    await page.getByRole('button', { name: /^Log/ }).click()
    await page.getByRole('button', { name: 'Subscribe', exact: true }).click()
    await page.getByRole('link', { name: /send a test event/ }).click()
    await page.getByText('left out, but person').waitFor()
    const id = new URL(page.url()).searchParams.get('id')
    const kept = () => grounds.world.call('GET', `/v1/subscriptions/${id}`)
    const seen = { redaction: 'sensitive', sees: ['person'], filters: [{ cel: 'has(data.email)' }] }
    expect(await kept()).toMatchObject(seen)
    const { types: before } = (await kept()) as { readonly types: readonly string[] }

    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByLabel(/^Level/).selectOption('warn')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('is told there from now on').waitFor()
    expect(await kept()).toMatchObject({ ...seen, target: { level: 'warn' } })

    const waits = async (change: () => Promise<void>) => {
      await page.getByRole('button', { name: 'Change how it is told' }).click()
      await change()
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('button', { name: 'Change how it is told' }).waitFor()
      return kept()
    }
    const listed = waits(async () => page.getByLabel(/^Waits/).fill('5000\n60000'))
    expect(await listed).toMatchObject({ ...seen, retry: { delays: [5_000, 60_000], maxDelay: 60_000 } })
    const doubling = await waits(async () => {
      await page.getByLabel(/^Waits/).fill('')
      await page.getByRole('group', { name: 'Trying again' }).getByText('Further options').click()
      await page.getByLabel(/^First wait/).fill('2000')
    })
    expect(doubling).toMatchObject({ ...seen, retry: { attempts: 10, firstDelay: 2_000 } })
    expect(doubling).not.toHaveProperty('retry.delays')

    const wants = async (change: () => Promise<void>) => {
      await page.getByRole('button', { name: 'Change what it wants' }).click()
      await change()
      await page.getByRole('button', { name: 'Save' }).click()
    }
    await wants(async () => {
      await page.getByLabel(/^Or by name/).fill('credential.revoked\nuser.*')
      await page.getByLabel(/^Filters/).fill('[{"cel": "has(data."}]')
    })
    await page.getByRole('alert').getByText('filters[0].cel').waitFor()
    expect(await kept()).toMatchObject({ ...seen, types: before })
    await page.getByLabel(/^Filters/).fill('')
    await page.getByLabel(/^Leave out/).uncheck()
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('hears so from now on').waitFor()
    const wider = await kept()
    expect(wider).toMatchObject({ types: ['credential.revoked', 'user.*'], filters: [], redaction: 'none' })
    expect(wider).not.toHaveProperty('sees')
    expect(wider).toMatchObject({ target: { level: 'warn' }, retry: { firstDelay: 2_000 } })
  }, 120_000)

  it('makes a subscription that reads the log itself, which is said once', async () => {
    const page = await grounds.pageOf(grounds.world.key, {}, 'subscription-new')
    await page.getByLabel('Name', { exact: true }).fill('warehouse')
    await page.getByRole('button', { name: 'Everything' }).click()
    await page.getByRole('button', { name: /^Log/ }).click()
    await page.getByText(/^How it is told: order/).click()
    const by = page.getByLabel(/^Told by/)
    await page.locator('details', { has: by }).last().locator('> summary').click()
    await by.selectOption('log')
    await page.getByRole('button', { name: 'Subscribe', exact: true }).click()
    await page.getByRole('link', { name: /send a test event/ }).click()
    await page.getByText(', reading the log itself').waitFor()
    await page.getByRole('button', { name: 'Change how it is told' }).click()
    await page.getByLabel(/^Order/).waitFor()
    expect(await page.getByLabel(/^Told by/).count()).toBe(0)
  }, 120_000)

  it('sets how a subscription is told, and tells it again by a range of time, counted first', async () => {
    const { items } = (await grounds.world.call('GET', '/v1/subscriptions')) as {
      readonly items: readonly { readonly id: string; readonly name: string }[]
    }
    const id = items.find(({ name }) => name === 'payroll')?.id
    const page = await grounds.pageOf(grounds.world.key, {}, `subscription?id=${id}`)
    await page.getByRole('button', { name: 'Change how it is told' }).click()
    const pace = page.getByLabel(/^Pace/)
    await page.locator('details', { has: pace }).locator('> summary').click()
    await pace.fill('50')
    await page.getByLabel(/^Order/).selectOption('none')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('is told so from now on').waitFor()
    expect((await grounds.world.call('GET', `/v1/subscriptions/${id}`)) as object).toMatchObject({
      rate: 50,
      order: 'none',
    })
    await page.getByLabel('Events received from').fill('2020-01-01T00:00:00')
    await page.getByRole('button', { name: 'Count them …' }).click()
    await agree(page, 'Send again', /\d+ events? of that time will be sent again/)
    await page.getByText(/\d+ events? on the way again/).waitFor()
  }, 120_000)
}
