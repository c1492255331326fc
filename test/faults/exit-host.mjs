/**
 * A host of the built package that leaves while the thread of its store writes: by `process.exit`, or by an error that nobody
 * catches. Started by `journeys/exit-in-the-middle.test.ts`, without a reader of TypeScript: it would end the threads otherwise.
 */
import { setTimeout as sleep } from 'node:timers/promises'

const [tocsin, way, database] = process.argv.slice(2)
const { createHub } = await import(tocsin)
const hub = await createHub({ database, config: { log: { level: 'silent' } } })

async function publish(caller) {
  const user = {
    type: 'user.created',
    source: '/hr',
    subject: `user-${caller}`,
    data: { displayName: 'x'.repeat(700) },
  }
  await hub.publish(user)
  return publish(caller)
}

for (let caller = 0; caller < 50; caller++) void publish(caller)
await sleep(400)
if (way === 'exit') process.exit(7)
throw new Error('nobody catches this')
