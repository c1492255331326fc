/**
 * A process that takes mails and keeps none.
 */
import { SMTPServer } from 'smtp-server'
import { HOST } from './way.js'

const server = new SMTPServer({
  authOptional: true,
  disableReverseLookup: true,
  disabledCommands: ['STARTTLS'],
  logger: false,
  onData: (stream, _, done) => void stream.on('end', done).resume(),
})
server.on('error', () => undefined)
const listening = server.listen(0, HOST, () => process.send?.(Object(listening.address()).port))
process.on('disconnect', () => process.exit())
