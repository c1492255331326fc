/**
 * A store that says what it wrote, so that other processes on it need not wait until they look for themselves.
 */
import type { Signal } from './cluster.js'
import type { AdmissionResult, Settlement, Store } from './port.js'

type Tell = (signal: Signal) => void

const TASKS = { of: 'tasks' } as const
const LEASES = { of: 'leases' } as const
const ACCESS = { of: 'access' } as const
const SETTINGS = { of: 'settings' } as const

export const announcing = (store: Store, tell: Tell): Store => ({
  ...store,
  async admit(admissions, lease) {
    const results = await store.admit(admissions, lease)
    tellAdmitted(admissions, results, tell)
    return results
  },
  async release(release, lease) {
    const result = await store.release(release, lease)
    tellAdmitted([release], [result], tell)
    return result
  },
  async configure(changes) {
    const result = await store.configure(changes)
    if (result.status !== 'done') return result
    tell(SETTINGS)
    const { create, update, remove } = changes.subscriptions
    for (const { tenant, id } of [...create, ...update, ...remove]) tell({ of: 'subscription', tenant, id })
    return result
  },
  tasks: announcingTasks(store.tasks, tell),
  slices: {
    ...store.slices,
    async tell(request) {
      const told = await store.slices.tell(request)
      if (told === null) return null
      tell(TASKS)
      // Who pulls hears of it as of an event.
      tell({ of: 'events', tenant: told.tenant })
      return told
    },
  },
  subscriptions: announcingSubscriptions(store.subscriptions, tell),
  access: {
    ...store.access,
    putKey: (row) => after(store.access.putKey(row), () => tell(ACCESS)),
    revokeKey: (tenant, id, now) => after(store.access.revokeKey(tenant, id, now), () => tell(ACCESS)),
    putTenant: (row) => after(store.access.putTenant(row), () => tell(ACCESS)),
  },
  processors: {
    ...store.processors,
    put: (row) => after(store.processors.put(row), () => tell(SETTINGS)),
  },
  settings: {
    ...store.settings,
    put: (...args) => after(store.settings.put(...args), () => tell(SETTINGS)),
  },
})

const announcingTasks = (tasks: Store['tasks'], tell: Tell): Store['tasks'] => ({
  ...tasks,
  async settle(settlements, lease) {
    const results = await tasks.settle(settlements, lease)
    const tenants = settlements.filter(isLocal).map(({ tenant }) => tenant)
    for (const tenant of new Set(tenants)) tell({ of: 'settled', tenant })
    return results
  },
  cancel: (...args) =>
    after(tasks.cancel(...args), () => {
      tell(LEASES)
      tell(TASKS)
    }),
  async remove(keys) {
    const answer = await tasks.remove(keys)
    if (answer.aborted.length > 0) tell(LEASES)
    tell(TASKS)
    return answer
  },
  retry: (...args) => after(tasks.retry(...args), () => tell(TASKS)),
  reprioritise: (...args) => after(tasks.reprioritise(...args), () => tell(TASKS)),
  turn: (...args) => after(tasks.turn(...args), () => tell(TASKS)),
})

function announcingSubscriptions(subscriptions: Store['subscriptions'], tell: Tell): Store['subscriptions'] {
  const changed = (tenant: string, id: string) => () => tell({ of: 'subscription', tenant, id })
  return {
    ...subscriptions,
    create: (row) => after(subscriptions.create(row), changed(row.tenant, row.id)),
    update: (row) => after(subscriptions.update(row), changed(row.tenant, row.id)),
    setState: (tenant, id, ...more) => after(subscriptions.setState(tenant, id, ...more), changed(tenant, id)),
    remove: (tenant, id, now) => after(subscriptions.remove(tenant, id, now), changed(tenant, id)),
  }
}

/** Each is said once, however many were admitted. */
function tellAdmitted(
  admissions: readonly { readonly tenant: string }[],
  results: readonly AdmissionResult[],
  tell: Tell,
): void {
  const tenants = admissions.filter((_, index) => results[index]?.status === 'admitted').map(({ tenant }) => tenant)
  for (const tenant of new Set(tenants)) tell({ of: 'events', tenant })
  if (results.some(leavesTasks)) tell(TASKS)
}

/** What was born leased is in good hands already. */
const leavesTasks = (result: AdmissionResult): boolean =>
  result.status === 'admitted' &&
  result.events.some(({ tasks, untold, leased }) => tasks.length - untold > leased.length)

const isLocal = ({ subscription }: Settlement): boolean => subscription.startsWith('local.')

async function after<Result>(written: Promise<Result>, say: () => void): Promise<Result> {
  const result = await written
  say()
  return result
}
