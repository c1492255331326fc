/**
 * One deed for very many tasks: a page of them at a time, so that it can be seen, left alone while one looks at other pages, and stopped.
 * What was done stays done.
 */
import { useEffect, useState } from 'preact/hooks'
import { api, ask, type Problem, problemOf } from './client.js'
import type { Action } from './tasks.js'

export interface Work {
  readonly id: number
  readonly title: string
  /** Tasks it was done to. */
  readonly done: number
  /** Tasks that were looked at. */
  readonly seen: number
  /** Tasks that the filter found when it began. */
  readonly total: number
  readonly state: 'running' | 'stopped' | 'done' | Problem
}

export interface BulkDeed {
  readonly title: string
  readonly filter: Readonly<Record<string, string | string[]>>
  readonly total: number
  readonly body: { readonly action: Action; readonly priority?: 'high' | 'normal' }
  /** After each page. */
  went(): void
}

const PAGE = '500'

let works: readonly Work[] = []
const hearers = new Set<(works: readonly Work[]) => void>()

function tell(next: readonly Work[]): void {
  works = next
  for (const hear of hearers) hear(works)
}

const change = (id: number, part: Partial<Work>): void =>
  tell(works.map((work) => (work.id === id ? { ...work, ...part } : work)))

const workOf = (id: number): Work | undefined => works.find((work) => work.id === id)

export function useWorks(): readonly Work[] {
  const [shown, set] = useState(works)
  useEffect(() => {
    hearers.add(set)
    set(works)
    return () => void hearers.delete(set)
  }, [])
  return shown
}

export const stop = (id: number): void => change(id, { state: 'stopped' })
export const forget = (id: number): void => tell(works.filter((work) => work.id !== id))

/** Begins, and answers at once. */
export function begin(deed: BulkDeed): void {
  const id = Date.now()
  const { title, total } = deed
  tell([...works, { id, title, total, done: 0, seen: 0, state: 'running' }])
  addEventListener('beforeunload', stay)
  pages(id, deed)
    .catch((thrown) => change(id, { state: problemOf(thrown) }))
    .finally(() => {
      if (!works.some(({ state }) => state === 'running')) removeEventListener('beforeunload', stay)
    })
}

/** Closing the window would end it half-way. */
const stay = (event: BeforeUnloadEvent): void => event.preventDefault()

/** From the newest on: what comes meanwhile is not among them. */
async function pages(id: number, { filter, body, went }: BulkDeed): Promise<void> {
  let cursor: string | null | undefined
  do {
    const query = { ...filter, limit: PAGE, ...(cursor && { cursor }) }
    const page = await ask(api.GET('/v1/tasks', { params: { query: query as never } }))
    const ids = page.items.map((task) => task.id)
    if (workOf(id)?.state !== 'running') return
    const { count } = ids.length > 0 ? await ask(api.POST('/v1/tasks/bulk', { body: { ...body, ids } })) : { count: 0 }
    const { done = 0, seen = 0 } = workOf(id) ?? {}
    change(id, { done: done + count, seen: seen + ids.length })
    went()
    cursor = page.next
  } while (cursor && workOf(id)?.state === 'running')
  if (workOf(id)?.state === 'running') change(id, { state: 'done' })
}
