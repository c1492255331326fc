/**
 * What operators do: many tasks at once, keys and tenants, the order of processors, telling again what was.
 */
import { expect, it } from 'vitest'
import { agree, type Grounds, goTo } from './grounds.js'

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

  it('makes a key, shows it once and revokes it; makes a tenant, shuts it out and lets it in', async () => {
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
  }, 120_000)

  it('sets how a subscription is told, and tells it again by a range of time, counted first', async () => {
    const { items } = (await grounds.world.call('GET', '/v1/subscriptions')) as {
      readonly items: readonly { readonly id: string; readonly name: string }[]
    }
    const id = items.find(({ name }) => name === 'payroll')?.id
    const page = await grounds.pageOf(grounds.world.key, {}, `subscription?id=${id}`)
    await page.getByRole('button', { name: 'Change how it is told' }).click()
    await page.getByText('Further options').first().click()
    await page.getByLabel(/^Pace/).fill('50')
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
