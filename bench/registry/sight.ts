/**
 * What it costs to decide who may see an event, and how long others wait while one change is told to very many.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Figures, median } from '../contest.js'
import { eventAt } from '../event.js'
import { withHubOn } from '../place.js'
import type { Hub } from '../tocsin.js'
import { idAt, type Size } from './model.js'

/** On what was imported before. */
export const sight = (database: string, size: Size): Promise<Figures> =>
  withHubOn(database, async (hub) => ({
    ...(await decisions(hub, size)),
    ...(await crowd(hub, size)),
  }))

/** Others look for events about resources; `count` of them from the place of another each. */
async function watch(hub: Hub, count: number, type: string, placeOf: (index: number) => string): Promise<void> {
  for (let index = 0; index < count; index++) {
    const scope = { resource: placeOf(index) }
    await hub.subscriptions.create(hub.local, { name: `${type}-${index}`, types: [type], scope, transport: 'pull' })
  }
}

const EVENTS = 40

/** Microseconds a candidate that may not see the event, so that every rule is asked; less what an event costs anyway. */
async function decisions(hub: Hub, { resources, subscribers }: Size): Promise<Figures> {
  const candidates = Math.ceil(subscribers / 2)
  const subjectAt = (index: number) => idAt((index * 7919) % Math.ceil(resources / 2))
  await watch(hub, candidates, 'user.updated', (index) => idAt(resources - 1 - index))
  const some = (type: string) => publishAll(hub, type, subjectAt)
  for (const type of ['user.disabled', 'user.updated']) await some(type)
  const alone = await some('user.disabled')
  const watched = await some('user.updated')
  const per = (figure: 'wall' | 'cpu') => (Math.max(0, watched[figure] - alone[figure]) * 1_000) / candidates
  return { decision: per('wall'), decisionCpu: per('cpu') }
}

/** Milliseconds an event, one after another: of the clock, and of our processors. */
async function publishAll(hub: Hub, type: string, subjectAt: (index: number) => string) {
  const started = performance.now()
  const before = process.cpuUsage()
  for (let index = 0; index < EVENTS; index++) {
    await hub.publish({ ...eventAt(index), type, subject: subjectAt(index) } as Parameters<Hub['publish']>[0])
  }
  const { user, system } = process.cpuUsage(before)
  return { wall: (performance.now() - started) / EVENTS, cpu: (user + system) / 1_000 / EVENTS }
}

const CHANGES = 10

/**
 * Milliseconds: the longest that somebody else's publish took while one change was told to all subscribers, in the usual
 * case and the worst; the same where nothing is changed; and our processor time for such a change.
 */
async function crowd(hub: Hub, { subscribers }: Size): Promise<Figures> {
  await hub.resources.change(hub.local, { do: 'create', id: SQUARE, type: 'device', owner: 'town' })
  for (let index = 0; index < subscribers; index++) {
    await hub.resources.change(hub.local, { do: 'create', id: `house-${index}`, type: 'device', owner: 'town' })
  }
  await watch(hub, subscribers, 'resource.changed', (index) => `house-${index}`)
  const alone: number[] = []
  const held: number[] = []
  for (let index = 0; index < CHANGES; index++) {
    alone.push(await longestWhile(hub, () => sleep(PAUSE)))
    held.push(await longestWhile(hub, () => tellAll(hub, subscribers)))
  }
  const before = process.cpuUsage()
  for (let index = 0; index < CHANGES; index++) await tellAll(hub, subscribers)
  const { user, system } = process.cpuUsage(before)
  const told = (user + system) / 1_000 / CHANGES
  return { longest: Math.max(...held), usual: median(held), alone: median(alone), told }
}

const SQUARE = 'square'
let changes = 0

async function tellAll(hub: Hub, subscribers: number): Promise<void> {
  const { receipts } = await hub.resources.change(hub.local, { do: 'update', id: SQUARE, status: `${changes++}` })
  // Until the last of them has its task.
  const { tasks } = await hub.settled(receipts[0]?.id ?? '')
  const told = (tasks.due ?? 0) + (tasks.waiting ?? 0)
  if (told !== subscribers || receipts[0]?.tasks !== subscribers)
    throw new Error(`The change was told to ${told} of ${subscribers}.`)
}

const PAUSE = 50

/** Somebody publishes one event after another, from a little before to a little after. */
async function longestWhile(hub: Hub, work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let isOver = false
  const publishing = (async () => {
    for (let index = 0; !isOver; index++) {
      const started = performance.now()
      await hub.publish(eventAt(index))
      longest = Math.max(longest, performance.now() - started)
    }
  })()
  await sleep(PAUSE)
  await work()
  isOver = true
  await publishing
  return longest
}
