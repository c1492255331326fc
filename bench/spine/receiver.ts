/**
 * A process that takes webhooks and answers 204. Sockets alone: it finds the end of a request by its length.
 * Asked for a number, it answers once so many have come.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net'

let taken = 0
let wanted = Number.POSITIVE_INFINITY

process.on('message', (count: number) => {
  wanted = count
  tell()
})
process.on('disconnect', () => process.exit())

const server = createServer({ noDelay: true }, serve).listen(0, '127.0.0.1', () =>
  process.send?.((server.address() as AddressInfo).port),
)

function serve(socket: Socket): void {
  let rest = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let end = endOf(rest); end > 0; end = endOf(rest)) {
      rest = rest.subarray(end)
      socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      taken += 1
    }
    tell()
  })
}

/** Where the first request ends; 0 while it has not come whole. */
function endOf(bytes: Buffer): number {
  const blank = bytes.indexOf('\r\n\r\n')
  if (blank === -1) return 0
  const length = /content-length: (\d+)/i.exec(bytes.toString('latin1', 0, blank))?.[1] ?? '0'
  const end = blank + 4 + Number(length)
  return end <= bytes.length ? end : 0
}

function tell(): void {
  if (taken < wanted) return
  wanted = Number.POSITIVE_INFINITY
  process.send?.(taken)
}
