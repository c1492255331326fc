import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiOf, publish } from '../faults/client.js'
import {
  type Instance,
  initInstance,
  makeFolder,
  removeFolder,
  serve,
  startServer,
  tocsin,
} from '../faults/instance.js'

let instance: Instance
beforeEach(async () => {
  instance = await initInstance(makeFolder())
}, 60_000)
afterEach(() => removeFolder(instance.folder))

describe('a second process on the same database', () => {
  it('is refused and told why, and the first goes on', { timeout: 120_000 }, async () => {
    const first = await serve(instance)
    const api = apiOf(first, instance)
    const second = startServer(instance)
    expect(await second.ended).toBeGreaterThan(0)
    expect(second.heard().err).toMatch(/unavailable.*in use by another process/)
    const offline = await tocsin(instance.folder, 'keys', 'create', '--offline', '--name', 'x', '--roles', 'reader')
    expect(offline.code).toBeGreaterThan(0)
    expect(offline.err).toContain('unavailable')
    expect((await publish(api, { id: 'a.1', subject: 'a' })).status).toBe(202)
    expect(await first.stop()).toBe(0)
  })

  it('may have it at once when the first was killed', { timeout: 120_000 }, async () => {
    const first = await serve(instance)
    expect((await publish(apiOf(first, instance), { id: 'a.1', subject: 'a' })).status).toBe(202)
    await first.kill()
    // It never tries again: were the lock still held, it would end.
    const second = await serve(instance)
    expect((await apiOf(second, instance).call('GET', '/v1/events/a.1')).status).toBe(200)
    await second.kill()
  })
})
