/**
 * SIGTERM while the server is published to and delivers.
 */
import { apiOf, PublishingClient, subscribe } from './client.js'
import { type Instance, initInstance, makeFolder, removeFolder, type Server, serve } from './instance.js'
import { compare, type Verdict } from './oracle.js'
import { pause, randomFrom, until } from './random.js'
import { openReceiver, type Receiver } from './receiver.js'

export interface ShutdownReport {
  readonly seed: number
  readonly promised: number
  readonly exitCodes: readonly (number | null)[]
  readonly verdict: Verdict
}

/** Milliseconds. */
const LATEST = 500

/** Rounds of starting, publishing and stopping over one database; the receiver takes its time, but answers. */
export async function stopWhilePublishing(rounds: number, seed: number): Promise<ShutdownReport> {
  const random = randomFrom(seed)
  const folder = makeFolder()
  const receiver = await openReceiver(() => ({ status: 204, delay: 50 }))
  const client = new PublishingClient(8)
  try {
    const instance = await initInstance(folder)
    const exitCodes: (number | null)[] = []
    for (let round = 0; round < rounds; round++)
      exitCodes.push(await stopOnce(instance, receiver, client, random() * LATEST, round === 0))
    const { ids } = client.promised
    exitCodes.push(await drain(await nextServer(instance, receiver), () => ids.every((id) => receiver.took('/', id))))
    return { seed, promised: ids.length, exitCodes, verdict: compare(ids, receiver.ledger) }
  } finally {
    await receiver.close()
    removeFolder(folder)
  }
}

async function nextServer(instance: Instance, receiver: Receiver): Promise<Server> {
  await receiver.nextLife()
  return serve(instance)
}

async function stopOnce(
  instance: Instance,
  receiver: Receiver,
  client: PublishingClient,
  delay: number,
  first: boolean,
): Promise<number | null> {
  const server = await nextServer(instance, receiver)
  const api = apiOf(server, instance)
  if (first) await subscribe(api, `${receiver.url}/`)
  const before = client.promised.ids.length
  let going = true
  const publishing = client.publish(api, () => going)
  await until('the first answer', () => client.promised.ids.length > before)
  await pause(delay)
  const code = await server.stop()
  going = false
  await publishing
  return code
}

/** What has not come in time is told by the comparison. */
async function drain(server: Server, drained: () => boolean): Promise<number | null> {
  await until('all that was promised comes', drained).catch(() => undefined)
  return server.stop()
}

export interface HeldReport extends ShutdownReport {
  /** Milliseconds the server took to end. */
  readonly took: number
  /** Deliveries that were under way when it was told to. */
  readonly held: number
}

/** Attempts that nobody answers return to the queue when patience ends. */
export async function stopWhileHeld(patience: number): Promise<HeldReport> {
  const folder = makeFolder()
  let isHolding = true
  const receiver = await openReceiver(() => (isHolding ? { status: 503, delay: 60_000 } : { status: 204 }))
  const client = new PublishingClient(4)
  try {
    const instance = await initInstance(folder)
    const server = await serve(instance, { set: { 'delivery.shutdown': patience } })
    const api = apiOf(server, instance)
    await subscribe(api, `${receiver.url}/`)
    await client.publish(api, () => client.promised.ids.length < 20)
    await until('four deliveries are held', () => receiver.ledger.length === 4)
    const started = Date.now()
    const exitCode = await server.stop()
    const took = Date.now() - started
    const held = receiver.ledger.length
    isHolding = false
    const { ids } = client.promised
    const again = await drain(await nextServer(instance, receiver), () => ids.every((id) => receiver.took('/', id)))
    const verdict = compare(ids, receiver.ledger)
    return { seed: 0, promised: ids.length, exitCodes: [exitCode, again], verdict, took, held }
  } finally {
    await receiver.close()
    removeFolder(folder)
  }
}
