/**
 * One deed for very many: the server does it a part at a time, so that it can be seen, left alone while one looks at other pages, and
 * stopped. What was done stays done; what is left is kept in this browser, so that whoever comes back may let it go on.
 */
import { useEffect, useState } from 'preact/hooks'
import { api, ask, type Problem, problemOf, tenantNow } from './client.js'

type Body = Readonly<Record<string, unknown>>

/** What is asked of the server, again for each part. */
export type Deed =
  | { readonly kind: 'bulk' | 'redrive'; readonly body: Body }
  | { readonly kind: 'replay'; readonly subscription: string; readonly body: Body }

export interface Work {
  readonly id: string
  readonly title: string
  /** Of what there are many: `task`, `event`. */
  readonly noun: string
  /** To how many it was done. */
  readonly done: number
  /** How many there were when it began. */
  readonly total: number
  /** `left`: whoever began it went away. */
  readonly state: 'running' | 'stopped' | 'left' | 'done' | Problem
  readonly deed: Deed
  /** Where the next part begins. */
  readonly next: string | null
  /** Whose it is: the key or person, and the tenant looked at. */
  readonly who: string
  readonly tenant: string | null
}

/** So many at a time: about a second's work. */
const PART = 500
/** A work of another window says so often that it goes on, in milliseconds. */
const BEAT = 3_000

// ---------------------------------------------------------------------------------------------- what everybody sees

let works: readonly Work[] = []
const hearers = new Set<(works: readonly Work[]) => void>()

function tell(next: readonly Work[]): void {
  works = next
  for (const hear of hearers) hear(works)
}

const workOf = (id: string): Work | undefined => works.find((work) => work.id === id)

function change(id: string, part: Partial<Work>): void {
  tell(works.map((work) => (work.id === id ? { ...work, ...part } : work)))
  const work = workOf(id)
  if (work) keep(work)
}

export function useWorks(): readonly Work[] {
  const [shown, set] = useState(works)
  useEffect(() => {
    hearers.add(set)
    set(works)
    return () => void hearers.delete(set)
  }, [])
  return shown
}

export const stop = (id: string): void => change(id, { state: 'stopped' })

export function forget(id: string): void {
  localStorage.removeItem(NAME + id)
  tell(works.filter((work) => work.id !== id))
}

// ---------------------------------------------------------------------------------------------- what is kept

const NAME = 'tocsin:work:'

type Kept = Omit<Work, 'state'> & { readonly at: number }

/** @param at when it was last known to go on */
function keep({ state, ...work }: Work, at = state === 'running' ? Date.now() : 0): void {
  if (state === 'done') localStorage.removeItem(NAME + work.id)
  else localStorage.setItem(NAME + work.id, JSON.stringify({ ...work, at } satisfies Kept))
}

function keptOf(who: string): readonly Kept[] {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(NAME))
  return names.map((name) => JSON.parse(localStorage.getItem(name) ?? '') as Kept).filter((kept) => kept.who === who)
}

/** What this key or person began and nobody goes on with, from another visit or a window that was closed. */
function lookAround(who: string): void {
  const kept = keptOf(who)
  const here = works.filter(({ id, state }) => state !== 'left' || kept.some((each) => each.id === id))
  const known = new Set(here.map(({ id }) => id))
  const left = kept.filter(({ id, at }) => !known.has(id) && Date.now() - at > 3 * BEAT)
  if (left.length + here.length === works.length && left.length === 0) return
  tell([...here, ...left.map(({ at: _, ...work }) => ({ ...work, state: 'left' as const }))])
}

/** For as long as somebody is signed in. @returns the end of it: what runs is left */
export function watchWorks(who: string): () => void {
  const beat = () => {
    for (const work of works) if (work.state === 'running') keep(work)
    lookAround(who)
  }
  const leave = () => {
    for (const work of works) if (work.state === 'running') keep(work, 0)
  }
  const timer = setInterval(beat, BEAT)
  addEventListener('pagehide', leave)
  lookAround(who)
  return () => {
    clearInterval(timer)
    removeEventListener('pagehide', leave)
    leave()
    tell([])
  }
}

// ---------------------------------------------------------------------------------------------- doing it

interface Beginning extends Pick<Work, 'title' | 'noun' | 'total' | 'deed' | 'who'> {
  /** What to say when the first part was all. */
  words(count: number): string
}

/** Does the first part; further ones follow by themselves. @returns what to say */
export async function begin({ words, ...work }: Beginning): Promise<string> {
  const tenant = tenantNow()
  const { count, next } = await partOf(work.deed, null, tenant)
  if (!next) return words(count)
  const id = crypto.getRandomValues(new Uint32Array(2)).join('')
  const begun: Work = { ...work, id, tenant, next, done: count, state: 'stopped' }
  tell([...works, begun])
  goOn(id)
  return `${work.title}: begun. You may look at other pages meanwhile.`
}

/** Takes it up where it was left. */
export function goOn(id: string): void {
  change(id, { state: 'running' })
  addEventListener('beforeunload', stay)
  parts(id)
    .catch((thrown) => change(id, { state: problemOf(thrown) }))
    .finally(() => {
      if (!works.some(({ state }) => state === 'running')) removeEventListener('beforeunload', stay)
    })
}

/** Closing the window ends it half-way: that is asked once. */
const stay = (event: BeforeUnloadEvent): void => event.preventDefault()

async function parts(id: string): Promise<void> {
  for (;;) {
    const work = workOf(id)
    if (work?.state !== 'running') return
    const { count, next } = await partOf(work.deed, work.next, work.tenant)
    const done = work.done + count
    if (!next) return change(id, { done, next: null, state: 'done' })
    change(id, { done, next })
  }
}

interface Part {
  readonly count: number
  readonly next?: string | null
}

function partOf(deed: Deed, next: string | null, tenant: string | null): Promise<Part> {
  // Whatever tenant is looked at meanwhile.
  const headers = { 'tocsin-tenant': tenant ?? '' }
  const body = {
    ...deed.body,
    limit: PART,
    ...(next !== null && { [deed.kind === 'replay' ? 'from' : 'cursor']: next }),
  }
  if (deed.kind === 'replay') {
    const params = { path: { id: deed.subscription } }
    return ask(api.POST('/v1/subscriptions/{id}/replay', { params, body, headers }))
  }
  if (deed.kind === 'redrive') return ask(api.POST('/v1/tasks/redrive', { body, headers }))
  return ask(api.POST('/v1/tasks/bulk', { body: body as never, headers }))
}
