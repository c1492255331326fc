/**
 * `npm run quickstart`: Tocsin at work, in one run of half a minute.
 *
 * A server on SQLite, a receiver in another process, three subscribers, the messages of five systems and ten thousand
 * changes in a registry. Two ledgers are kept apart: what the publisher was told is accepted, and what the receiver got.
 * Who should hear of what is worked out here (`expectation.ts`) and never asked of Tocsin; then the ledgers are compared.
 * In a terminal it then runs on, with something left to mend in the console, until Ctrl-C.
 * It ends with 1 if anything was lost, came twice, out of order or to the wrong subscriber.
 */
import { connect } from './api.js'
import { readArguments } from './arguments.js'
import { chosenFrom } from './choose.js'
import { Cleanup } from './cleanup.js'
import { startInstance } from './instance.js'
import { Ledger } from './ledger.js'
import { leaveToMend } from './left-to-mend.js'
import { outage } from './outage.js'
import { publish } from './publish.js'
import { startReceiver } from './receiver-process.js'
import { type Reckoning, reckon, reportsIn } from './reckoning.js'
import { settled } from './settled.js'
import { consoleAt, stay } from './show/console.js'
import { figures } from './show/figures.js'
import { goingOn } from './show/going-on.js'
import { timeline, whyNot } from './show/one-event.js'
import { opening, running } from './show/opening.js'
import { count, screenOn } from './show/paint.js'
import { follow } from './show/progress.js'
import { eventsIn, stories } from './stories.js'
import { subscribe } from './subscribers.js'
import { furnish } from './world.js'

const cleanup = new Cleanup()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => cleanup.run().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143)))

try {
  process.exitCode = flawless(await quickstart()) ? 0 : 1
} catch (error) {
  // What fails because everything is being ended is no news.
  if (!cleanup.begun) console.error(`The quickstart could not go on: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  await cleanup.run()
}

async function quickstart(): Promise<Reckoning> {
  const begun = Date.now()
  const { json, keep, changes, stay: staying } = readArguments(process.argv.slice(2), process.stdout.isTTY === true)
  const screen = screenOn(json ? process.stderr : process.stdout)
  opening(screen)
  const [instance, receiver] = await Promise.all([startInstance(cleanup, keep), startReceiver(cleanup)])
  const api = connect(instance.url, instance.key)
  cleanup.add(() => api.close())
  running(screen, instance.folder, instance, receiver)

  const plan = stories(changes)
  const planned = eventsIn(plan)
  await furnish(api, plan)
  const subscriptions = await subscribe(api, receiver)

  const ledger = new Ledger()
  screen.say(
    screen.paint.strong(
      `Publishing the messages of five systems, and what ${count(changes)} changes in a registry give`,
    ),
  )
  const drawn = follow(screen, { ledger, receiver, planned })
  await Promise.all([publish(api, plan, ledger), outage(ledger, receiver, planned)])
  await settled(api, receiver)
  drawn()

  const arrivals = await receiver.collect()
  const reckoning = reckon(ledger, arrivals, Date.now() - begun)
  figures(screen, reckoning, reportsIn(arrivals))
  const entry = chosenFrom(ledger, arrivals)
  const chosen = entry && { entry, subscriptions }
  if (chosen) {
    await timeline(screen, api, chosen)
    await whyNot(screen, api, chosen)
  }
  goingOn(screen, keep === undefined ? null : instance.folder, chosen)
  if (json) console.log(JSON.stringify(reckoning))
  if (staying) {
    consoleAt(screen, instance, await leaveToMend(api, receiver))
    await stay()
  }
  return reckoning
}

function flawless({ lost, duplicates, outOfOrder, unexpected }: Reckoning): boolean {
  return [lost, duplicates, outOfOrder, unexpected].every((faults) => faults === 0)
}
