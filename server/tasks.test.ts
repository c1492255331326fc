/**
 * The queue over HTTP: IdmEntityEventControllerRestTest, IdmEntityStateControllerRestTest and the bulk actions.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Plugin } from '../src/index.js'
import { MATRIX_PLUGIN } from './objects.js'
import { type Call, call, startWorld, type World } from './testing.js'

interface Task {
  readonly id: string
  readonly subject: string
  readonly state: string
  readonly createdAt: string
}

const PLUGIN: Plugin = {
  name: 'acme',
  processors: [
    {
      name: 'acme:results',
      kind: 'asynchronous',
      types: ['credential.issued'],
      run: () => ({
        results: [
          { state: 'executed' },
          { state: 'exception', code: 'PROVISIONING_FAILED', message: 'No.', cause: 'It is down.' },
        ],
      }),
    },
    {
      name: 'acme:endless',
      kind: 'asynchronous',
      types: ['credential.revoked'],
      run: (_event, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)),
    },
  ],
}

let world: World
beforeAll(async () => {
  world = await startWorld({}, { plugins: [MATRIX_PLUGIN, PLUGIN] })
})
afterAll(() => world.close())

const as = (method: string, path: string, given: Call = {}) =>
  call(world, method, path, { key: world.keys.admin, ...given })

const subscribe = async (types: readonly string[] = ['user.*']): Promise<string> => {
  const body = { name: 's', types, transport: 'pull', order: 'none' }
  return String((await as('POST', '/v1/subscriptions', { body })).json.id)
}

const publish = async (event: object): Promise<void> => {
  const body = { type: 'user.created', source: '/hr', data: {}, ...event }
  expect((await as('POST', '/v1/events', { body })).status).toBe(202)
}

const tasksOf = async (query: string): Promise<readonly Task[]> =>
  (await as('GET', `/v1/tasks?${query}`)).json.items as readonly Task[]

const subjectsOf = async (query: string): Promise<readonly string[]> =>
  (await tasksOf(query)).map(({ subject }) => subject).sort()

describe('IdmEntityEventControllerRestTest', () => {
  let all = ''
  let at: Readonly<Record<string, string>> = {}
  beforeAll(async () => {
    await world.hub.resources.change(world.hub.local, {
      do: 'create',
      id: 'ada',
      type: 'device',
      properties: { code: 'A-1' },
    })
    all = `subscription=${await subscribe()}`
    const later = () => new Promise((resolve) => setTimeout(resolve, 5))
    await publish({ id: 'first', subject: 'ada', superowner: 'hq', transactionid: 't1', priority: 'high' })
    await later()
    await publish({ id: 'second', subject: 'tom', type: 'user.updated', parentid: 'first', rootid: 'first' })
    await later()
    await publish({ id: 'third', subject: 'eve', source: '/payroll', transactionid: 't1' })
    const tasks = await tasksOf(all)
    at = Object.fromEntries(tasks.map(({ subject, createdAt }) => [subject, createdAt]))
    const eve = tasks.find(({ subject }) => subject === 'eve')
    await as('POST', `/v1/tasks/${eve?.id}/cancel`)
  })

  it.each([
    ['text=fir', ['ada']],
    ['text=FIRST', ['ada']],
    ['text=payr', ['eve']],
    ['text=user.upd', ['tom']],
    ['text=tom', ['tom']],
    ['text=%25', []],
    ['code=cancelled', ['eve']],
    ['code=nothing&code=cancelled', ['eve']],
    ['state=due', ['ada', 'tom']],
    ['state=due&state=cancelled', ['ada', 'eve', 'tom']],
    ['subject=ada', ['ada']],
    ['subject=A-1&subjectType=device', ['ada']],
    ['subject=A-1', []],
    ['subjectType=device', ['ada']],
    ['superOwner=hq', ['ada']],
    ['key=ada', ['ada']],
    ['wakeFrom=2020-01-01T00:00:00Z', []],
    ['root=first', ['tom']],
    ['parent=first', ['tom']],
    ['type=user.updated', ['tom']],
    ['type=user.updated&type=user.created', ['ada', 'eve', 'tom']],
    ['priority=high', ['ada']],
    ['priority=high&priority=immediate', ['ada']],
    ['transaction=t1', ['ada', 'eve']],
    ['transaction=t1&state=due', ['ada']],
    ['local=true', []],
    ['local=false', ['ada', 'eve', 'tom']],
  ])('filters by %s', async (query, expected) => {
    expect(await subjectsOf(`${all}&${query}`)).toEqual(expected)
  })

  it('filters by creation, from a time on and before a time', async () => {
    const between = (from = '', till = '') => subjectsOf(`${all}${from && `&from=${from}`}${till && `&till=${till}`}`)
    expect(await between(at.tom)).toEqual(['eve', 'tom'])
    expect(await between('', at.tom)).toEqual(['ada'])
    expect(await between(at.tom, at.eve)).toEqual(['tom'])
    expect(await between(at.tom, at.tom)).toEqual([])
  })

  it('finds nothing for an id that nothing has, as every text may be one; a code must be there', async () => {
    expect(await as('GET', '/v1/tasks?subject=A-1&subjectType=user')).toMatchObject({ status: 404 })
    expect(await subjectsOf(`${all}&subject=nobody`)).toEqual([])
    expect(await subjectsOf(`${all}&superOwner=nobody`)).toEqual([])
  })

  it('turns pages by filter', async () => {
    const first = await as('GET', `/v1/tasks?${all}&local=false&limit=2`)
    const rest = await as('GET', `/v1/tasks?${all}&local=false&limit=2&cursor=${first.json.next}`)
    const subjects = [first, rest].flatMap(({ json }) => (json.items as readonly Task[]).map(({ subject }) => subject))
    expect(subjects).toEqual(['eve', 'tom', 'ada'])
    expect(rest.json.next).toBeNull()
  })

  it('counts what a filter names: the two badges, and each state', async () => {
    expect((await as('GET', `/v1/tasks/counts?${all}`)).json).toEqual({
      states: { due: 2, cancelled: 1 },
      unprocessed: 2,
      errors: 0,
    })
    expect((await as('GET', `/v1/tasks/counts?${all}&subject=eve`)).json).toMatchObject({ unprocessed: 0 })
  })

  it.each([
    ['state=nice', 'state', 'one of due'],
    ['priority=urgent', 'priority', 'one of immediate, high, normal'],
    ['from=yesterday', 'from', 'RFC 3339'],
    ['local=maybe', 'local', 'one of true, false'],
    ['type=user.*', 'type', 'names of event types'],
    ['colour=red', 'colour', undefined],
  ])('refuses %s', async (query, field, expected) => {
    for (const path of ['/v1/tasks', '/v1/tasks/counts']) {
      const { status, json } = await as('GET', `${path}?${query}`)
      expect({ status, code: json.code, field: json.field }).toEqual({ status: 422, code: 'invalid_request', field })
      if (expected) expect(json.expected).toContain(expected)
    }
  })

  it('changes the priority of what waits, and of nothing else', async () => {
    const [tom] = await tasksOf(`${all}&subject=tom`)
    const put = (id: string | undefined, priority: string) =>
      as('PUT', `/v1/tasks/${id}/priority`, { body: { priority } })
    expect(await put(tom?.id, 'high')).toMatchObject({ status: 200, json: { priority: 'high', state: 'due' } })
    expect(await put(tom?.id, 'urgent')).toMatchObject({ status: 422, json: { field: 'priority' } })
    const [eve] = await tasksOf(`${all}&subject=eve`)
    expect(await put(eve?.id, 'high')).toMatchObject({ status: 409, json: { code: 'wrong_state' } })
  })
})

describe('bulk', () => {
  const bulk = (body: object) => as('POST', '/v1/tasks/bulk', { body })

  /** One task in each state that a pull consumer and people can bring about. */
  async function everyState(): Promise<string> {
    const subscription = await subscribe()
    for (const subject of ['done', 'cancelled', 'leased', 'due']) await publish({ subject })
    const [cancelled] = await tasksOf(`subscription=${subscription}&subject=cancelled`)
    await as('POST', `/v1/tasks/${cancelled?.id}/cancel`)
    const lease = async () =>
      (await as('POST', `/v1/subscriptions/${subscription}/lease`, { body: { limit: 1 } })).json.leases as {
        lease: string
      }[]
    const [first] = await lease()
    await as('POST', `/v1/subscriptions/${subscription}/settle`, { body: { leases: [first?.lease] } })
    await lease()
    expect((await as('GET', `/v1/tasks/counts?subscription=${subscription}`)).json.states).toEqual({
      done: 1,
      cancelled: 1,
      leased: 1,
      due: 1,
    })
    return subscription
  }

  it('EntityEventDeleteBulkActionIntegrationTest: by ids, the others untouched', async () => {
    const subscription = await subscribe()
    for (const subject of ['a', 'b', 'c']) await publish({ subject })
    const ids = (await tasksOf(`subscription=${subscription}`)).flatMap(({ id, subject }) =>
      subject === 'b' ? [] : id,
    )
    expect(await bulk({ action: 'delete', ids, dryRun: true })).toMatchObject({ status: 200, json: { count: 2 } })
    expect(await bulk({ action: 'delete', ids })).toMatchObject({ status: 200, json: { count: 2 } })
    expect(await subjectsOf(`subscription=${subscription}`)).toEqual(['b'])
    expect((await as('GET', `/v1/tasks/${ids[0]}`)).status).toBe(404)
  })

  it('EntityEventDeleteBulkActionIntegrationTest: by filter, in whatever state they are', async () => {
    const [gone, stays] = [await everyState(), await everyState()]
    // The first hears the events of the second too.
    expect(await bulk({ action: 'delete', filter: { subscription: gone } })).toMatchObject({ json: { count: 8 } })
    expect(await tasksOf(`subscription=${gone}`)).toEqual([])
    expect(await tasksOf(`subscription=${stays}`)).toHaveLength(4)
    expect((await as('GET', '/v1/events?subject=done')).json.items).not.toEqual([])
  })

  it('EntityEventCancelBulkActionIntegrationTest: what is unfinished ends, also what runs', async () => {
    const subscription = await everyState()
    const body = { action: 'cancel', filter: { subscription, states: ['leased', 'due'] } }
    expect(await bulk({ ...body, dryRun: true })).toMatchObject({ status: 200, json: { count: 2 } })
    expect(await bulk(body)).toMatchObject({ status: 200, json: { count: 2 } })
    expect((await as('GET', `/v1/tasks/counts?subscription=${subscription}`)).json).toMatchObject({
      states: { done: 1, cancelled: 3 },
      unprocessed: 0,
    })
  })

  it('a processor that runs is aborted when its task is cancelled', async () => {
    await publish({ id: 'endless', type: 'credential.revoked', subject: 'card', data: { credentialId: 'card' } })
    const running = () => tasksOf('local=true&type=credential.revoked&state=leased')
    await expect.poll(running).toHaveLength(1)
    expect(await bulk({ action: 'cancel', filter: { local: true, text: 'endless' } })).toMatchObject({
      json: { count: 1 },
    })
    expect(await tasksOf('local=true&text=endless')).toMatchObject([{ state: 'cancelled' }])
  })

  it('retries what ended, and raises what waits', async () => {
    const subscription = await everyState()
    const filter = { subscription }
    expect(await bulk({ action: 'priority', priority: 'high', filter })).toMatchObject({ json: { count: 1 } })
    expect(await subjectsOf(`subscription=${subscription}&priority=high`)).toHaveLength(1)
    const retried = await bulk({ action: 'retry', filter: { subscription, states: ['cancelled'] } })
    expect(retried).toMatchObject({ status: 200, json: { count: 1 } })
    expect(await subjectsOf(`subscription=${subscription}&state=cancelled`)).toEqual([])
  })

  it.each([
    [{ action: 'burn', filter: {} }, 'action'],
    [{ action: 'delete' }, 'filter'],
    [{ action: 'delete', filter: {}, ids: ['1.a'] }, 'filter'],
    [{ action: 'delete', ids: [] }, 'ids'],
    [{ action: 'priority', filter: {} }, 'priority'],
    [{ action: 'delete', filter: { types: ['user.*'] } }, 'types'],
    [{ action: 'delete', filter: { from: '1' } }, 'from'],
    [{ action: 'delete', filter: { colour: 1 } }, 'filter.colour'],
  ])('refuses %j', async (body, field) => {
    expect(await bulk(body)).toMatchObject({ status: 422, json: { field } })
  })

  it('names itself in the audit trail', async () => {
    const subscription = await subscribe()
    await publish({ subject: 'audited' })
    await bulk({ action: 'cancel', filter: { subscription } })
    const [entry] = (await as('GET', '/v1/audit?limit=1')).json.items as readonly object[]
    expect(entry).toMatchObject({
      action: 'task.bulk',
      detail: { action: 'cancel', count: 1, filter: { subscription } },
    })
  })
})

describe('IdmEntityStateControllerRestTest: what each processor told', () => {
  it('is read with the event, a row for each result', async () => {
    await publish({ id: 'results', type: 'credential.issued', subject: 'card', data: { credentialId: 'card' } })
    const results = async () => (await as('GET', '/v1/events/results/timeline')).json.results
    await expect.poll(results).toMatchObject([
      { processor: 'acme:results', number: 0, state: 'executed', code: null, cause: null },
      {
        processor: 'acme:results',
        number: 1,
        state: 'exception',
        code: 'PROVISIONING_FAILED',
        message: 'No.',
        cause: 'It is down.',
        endedAt: expect.any(String),
      },
    ])
  })
})

describe('deleting', () => {
  it('takes what came of its event in the same subscription, and leaves other subscriptions and the events', async () => {
    const [one, other] = [await subscribe(), await subscribe()]
    await publish({ id: 'p', subject: 'p' })
    await publish({ id: 'c', subject: 'c', parentid: 'p', rootid: 'p' })
    const [parent] = await tasksOf(`subscription=${one}&subject=p`)
    expect(await as('DELETE', `/v1/tasks/${parent?.id}`)).toMatchObject({ status: 200, json: { count: 2 } })
    expect(await tasksOf(`subscription=${one}`)).toEqual([])
    expect(await tasksOf(`subscription=${other}`)).toHaveLength(2)
    expect((await as('GET', '/v1/events/p')).status).toBe(200)
    expect(await as('DELETE', `/v1/tasks/${parent?.id}`)).toMatchObject({ status: 404 })
  })

  it('testDeleteAllEvents: the queue of processors is empty, deliveries stay, and only administrators may', async () => {
    const subscription = await subscribe(['credential.*'])
    for (const id of ['all-1', 'all-2'])
      await publish({ id, type: 'credential.revoked', subject: id, data: { credentialId: id } })
    const counted = (await as('GET', '/v1/tasks/counts?subscription=local.processors')).json
    const { json } = await as('DELETE', '/v1/tasks?dryRun=true')
    expect(json.count).toBe(Object.values(counted.states as Record<string, number>).reduce((sum, one) => sum + one))
    expect(await as('DELETE', '/v1/tasks', { key: world.keys.subscriber })).toMatchObject({ status: 403 })
    expect(await as('DELETE', '/v1/tasks')).toMatchObject({ status: 200, json: { count: json.count } })
    expect((await as('GET', '/v1/tasks/counts?subscription=local.processors')).json).toEqual({
      states: {},
      unprocessed: 0,
      errors: 0,
    })
    expect(await tasksOf(`subscription=${subscription}`)).toHaveLength(2)
    expect((await as('GET', '/v1/events/all-1')).status).toBe(200)
  })
})
