/**
 * kill -9 of whoever tells digests, in the middle of a window or of a message, again and again: one server over a file, or two
 * nodes over one PostgreSQL of which one is killed.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Api, apiOf, PublishingClient, subscribe } from './client.js'
import { initInstance, makeFolder, removeFolder, serve } from './instance.js'
import { type Node, openGround } from './nodes/ground.js'
import { pause, randomFrom, until } from './random.js'

/** One event in one message that came. */
export interface Told {
  readonly event: string
  readonly sequence: string
  /** Which message it came in: they are counted. */
  readonly message: number
  readonly at: number
  readonly taken: boolean
}

export interface DigestReport {
  readonly seed: number
  readonly promised: readonly string[]
  readonly told: readonly Told[]
  /** When somebody was killed. */
  readonly kills: readonly number[]
}

export interface DigestVerdict {
  /** Promised, and never taken. */
  readonly lost: readonly string[]
  /** Taken again though nobody was killed between. */
  readonly needless: readonly string[]
  /** Messages that told again what was taken before. */
  readonly again: number
  /** Not in the sequence of the log: within a message, or taken for the first time after a later one. */
  readonly disorder: readonly string[]
}

export function judge({ promised, told, kills }: Omit<DigestReport, 'seed'>): DigestVerdict {
  const first = new Map<string, Told>()
  const needless: string[] = []
  const disorder: string[] = []
  const again = new Set<number>()
  let latest = ''
  let before: Told | null = null
  for (const each of told) {
    if (before?.message === each.message && before.sequence > each.sequence) disorder.push(each.event)
    before = each
    const known = first.get(each.event)
    if (known !== undefined) {
      again.add(each.message)
      if (!kills.some((at) => known.at <= at && at <= each.at)) needless.push(each.event)
    } else if (each.taken) {
      if (each.sequence < latest) disorder.push(each.event)
      latest = each.sequence
      first.set(each.event, each)
    }
  }
  return { lost: promised.filter((id) => !first.has(id)), needless, again: again.size, disorder }
}

const SUBJECTS = 6
const DIGEST = { window: 1_000, max: 40 }
/** Milliseconds: past the end of a window. */
const LATEST_KILL = 2_000

interface Receiver {
  readonly url: string
  readonly told: readonly Told[]
  close(): Promise<void>
}

/** Takes its time, so that some are killed meanwhile, and refuses one message in ten. */
async function openReceiver(moods: () => number): Promise<Receiver> {
  const told: Told[] = []
  let message = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const events = JSON.parse(Buffer.concat(chunks).toString()) as readonly Readonly<Record<string, unknown>>[]
    const taken = moods() >= 0.1
    message += 1
    for (const { id, sequence } of events)
      told.push({ event: String(id), sequence: String(sequence), message, at: Date.now(), taken })
    setTimeout(() => response.writeHead(taken ? 204 : 500).end(), moods() * 100)
  }).listen(0, '127.0.0.1')
  server.on('clientError', (_, socket) => socket.destroy())
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const digest = (api: Api, url: string): Promise<string> =>
  subscribe(api, url, {
    ...{ format: 'cloudevents-batch', digest: DIGEST },
    retry: { attempts: 100, firstDelay: 100, maxDelay: 200 },
  })

const taken = ({ told }: Pick<Receiver, 'told'>) => new Set(told.flatMap((each) => (each.taken ? [each.event] : [])))

const drained = (seed: number, client: PublishingClient, receiver: Receiver) =>
  until(
    `seed ${seed}: all that was promised comes`,
    () => {
      const come = taken(receiver)
      return client.promised.ids.every((id) => come.has(id))
    },
    60_000,
  )

/** A few at a time: what is of interest is who is told. */
async function publishFor(client: PublishingClient, api: Api, milliseconds: number): Promise<void> {
  const end = Date.now() + milliseconds
  while (Date.now() < end) {
    let left = SUBJECTS
    await client.publish(api, () => left-- > 0).catch(() => undefined)
    await pause(20)
  }
}

export async function digestKillsOnFile(rounds: number, seed: number): Promise<DigestReport> {
  const random = randomFrom(seed)
  const receiver = await openReceiver(randomFrom(seed + 1))
  const folder = makeFolder()
  const kills: number[] = []
  try {
    const instance = await initInstance(folder)
    const client = new PublishingClient(SUBJECTS)
    for (let round = 0; round <= rounds; round++) {
      const server = await serve(instance)
      const api = apiOf(server, instance)
      if (round === 0) await digest(api, receiver.url)
      const publishing = publishFor(client, api, round < rounds ? random() * LATEST_KILL : 300)
      if (round === rounds) {
        await publishing
        await drained(seed, client, receiver)
        await server.stop()
        break
      }
      await pause(random() * LATEST_KILL)
      await server.kill()
      kills.push(Date.now())
      await publishing
    }
    return { seed, promised: client.promised.ids, told: receiver.told, kills }
  } finally {
    await receiver.close()
    removeFolder(folder)
  }
}

export async function digestKillsOnNodes(rounds: number, seed: number): Promise<DigestReport> {
  const random = randomFrom(seed)
  const receiver = await openReceiver(randomFrom(seed + 1))
  const ground = await openGround({ nodes: 2 })
  const kills: number[] = []
  try {
    const [one, other] = ground.nodes as readonly [Node, Node]
    const client = new PublishingClient(SUBJECTS)
    await digest(one.api(), receiver.url)
    for (let round = 0; round < rounds; round++) {
      const [victim, survivor] = random() < 0.5 ? [one, other] : [other, one]
      const publishing = publishFor(client, survivor.api(), 500 + random() * LATEST_KILL)
      await pause(random() * LATEST_KILL)
      await victim.server.kill()
      kills.push(Date.now())
      await publishing
      await ground.revive(victim)
    }
    await drained(seed, client, receiver)
    return { seed, promised: client.promised.ids, told: receiver.told, kills }
  } finally {
    await ground.close()
    await receiver.close()
  }
}
