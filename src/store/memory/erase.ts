import { blanked, ERASED, type Erased } from '../erase-rules.js'
import type { EventRow } from '../rows.js'
import { endedTask, isFinished } from '../task-rules.js'
import { findTask, saveTask } from './groups.js'
import { finish } from './leaving.js'
import { countOf } from './slices.js'
import { type Tables, type TenantTables, tenantOf } from './tables.js'

export function erase(tables: Tables, name: string, subject: string, at: number, dryRun: boolean): Erased {
  const tenant = tenantOf(tables, name)
  const all = [...tenant.events.values()]
  const about = all.filter((row) => row.subject === subject || row.superOwner === subject)
  const ids = new Set(about.map(({ id }) => id))
  const events = all.filter((row) => about.includes(row) || tellsOf(row, ids))
  const tasks = events.flatMap(({ sequence }) =>
    [...(tenant.tasks.get(sequence)?.values() ?? [])].map(({ task }) => task),
  )
  const unfinished = tasks.filter(({ state }) => !isFinished(state))
  const attempts = events.flatMap(({ sequence }) => [...(tenant.attempts.get(sequence)?.values() ?? [])].flat())
  const results = events.flatMap(({ sequence }) => [...(tenant.results.get(sequence)?.values() ?? [])].flat())
  const kept = tenant.resources.get(subject)
  const hasResource = kept !== undefined && kept.row.properties !== '{}'
  const sequences = new Set(events.map(({ sequence }) => sequence))
  const untold = tenant.slices.filter(({ sequence }) => sequences.has(sequence))
  const deliveries = unfinished.length + countOf(untold)
  const counts = { events: events.length, tasks: deliveries, attempts: attempts.length, results: results.length }
  if (!dryRun) {
    tenant.slices = tenant.slices.filter((slice) => !untold.includes(slice))
    for (const task of tasks) if (isFinished(task.state)) saveTask(tables, { ...task, message: null })
    for (const key of unfinished) {
      const task = findTask(tables, key)?.task
      if (task !== undefined && !isFinished(task.state)) finish(tables, task, endedTask(task, ERASED, at))
    }
    for (const row of events) blank(tenant, row)
    if (hasResource) {
      const row = { ...kept.row, properties: '{}', revision: kept.row.revision + 1, updatedAt: at }
      tenant.resources.set(subject, { ...kept, row })
    }
  }
  return { ...counts, inbox: 0, resources: Number(hasResource) }
}

/** Our own events tell what a receiver said of one. */
function tellsOf({ source, body }: EventRow, ids: ReadonlySet<string>): boolean {
  if (source !== '/tocsin') return false
  const { data } = JSON.parse(body) as { readonly data?: { readonly eventId?: string } }
  return data?.eventId !== undefined && ids.has(data.eventId)
}

function blank(tenant: TenantTables, row: EventRow): void {
  const { sequence } = row
  const state = row.state === 'suspended' ? 'refused' : row.state
  tenant.events.set(sequence, { ...row, state, body: blanked(row.body), deed: null })
  for (const [subscription, attempts] of tenant.attempts.get(sequence) ?? [])
    tenant.attempts.get(sequence)?.set(
      subscription,
      attempts.map((attempt) => ({ ...attempt, message: null, response: null, request: null })),
    )
  for (const [processor, results] of tenant.results.get(sequence) ?? [])
    tenant.results.get(sequence)?.set(
      processor,
      results.map((result) => ({ ...result, message: null, cause: null })),
    )
}
