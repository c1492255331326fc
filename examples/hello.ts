/**
 * The smallest program: an event is published, a witness hears of it before `publish` answers.
 *
 * Prints:
 *   welcome { id: 'ada', name: 'Ada' }
 *   admitted 00000000000000000001
 */
import { createHub } from 'tocsin'

const hub = await createHub({ database: 'identity.db' })
hub.use({
  name: 'hello:welcome',
  kind: 'witness',
  types: ['user.created'],
  run: (event) => console.log('welcome', event.data),
})
const receipt = await hub.publish({
  type: 'user.created',
  source: '/hr',
  subject: 'ada',
  data: { id: 'ada', name: 'Ada' },
})
console.log(receipt.state, receipt.sequence)
await hub.close()
