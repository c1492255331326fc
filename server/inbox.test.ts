/**
 * The inbox over HTTP: what came by SQL is shown, whatever it is.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, named } from '../test/faults/tools.js'
import { type Ground, type Host, postgresGround } from '../test/inside-grounds.js'
import { POSTGRES } from '../test/services.js'
import { call, startWorld, type World } from './testing.js'

describe.skipIf(isLacking(POSTGRES))(named('the inbox', POSTGRES), () => {
  let ground: Ground
  let world: World
  let host: Host
  beforeAll(async () => {
    ground = await postgresGround()
    world = await startWorld({}, { database: ground.database })
    host = await ground.connect()
    await host.run("SELECT tocsin.allow_publishing(session_user, 'default', 'hr')")
  })
  afterAll(async () => {
    await host.end()
    await world.close()
    await ground.remove()
  })

  it.each([
    '{"type":"user.created","id":"1","__proto__":{"a":1},"time":5,"tags":{},"priority":[1],"data":{"__proto__":null}}',
    '{"type":"user.created","id":"2","specversion":"9","x y":[[[1e400]]],"data_base64":7}',
    '{"type":"user.created","id":"3","subject":"\\u202e","data":[],"toString":1,"executeat":false}',
  ])('shows %s', async (event) => {
    await host.run(`SELECT tocsin.publish('${event}')`)
    const { id } = JSON.parse(event) as { id: string }
    const find = async () => {
      const { items } = await world.hub.inbox.list(world.hub.local, { states: ['refused'] }, {})
      return items.find((each) => each.id === id)?.entry
    }
    await expect.poll(find).toBeDefined()
    const answer = await call(world, 'GET', `/v1/inbox/${await find()}`, { key: world.keys.reader })
    expect(answer.status).toBe(200)
    expect(answer.json).toMatchObject({ state: 'refused', event: { id, type: 'user.created' } })
  })
})
