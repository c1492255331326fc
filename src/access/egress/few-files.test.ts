/**
 * A process that may open no more files, which are connections too: it is not the receiver's fault, and passes.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const urlOf = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)

/** Sends with no file left before anything went out, with all of them, and to somebody else with none left. */
const PROGRAM = `
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createServer } from 'node:http'
import { EgressClient } from ${urlOf('./client.ts')}
import { createPolicy } from ${urlOf('./guard.ts')}

const servers = [1, 2].map(() => createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1'))
await Promise.all(servers.map((server) => once(server, 'listening')))
const client = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
const send = (server) =>
  client
    .send({ method: 'GET', url: 'http://127.0.0.1:' + server.address().port, headers: {}, timeout: 20_000 })
    .then(({ status }) => status, ({ code, message }) => code ?? message)
const crowded = async (work) => {
  const files = []
  try {
    for (;;) files.push(openSync('/dev/null'))
  } catch {}
  try {
    return await work()
  } finally {
    files.forEach((file) => closeSync(file))
  }
}
const first = await crowded(() => send(servers[0]))
const then = await send(servers[0])
const last = await crowded(() => send(servers[1]))
console.log(JSON.stringify([first, then, last]))
process.exit()
`

it('sends nothing while no more files may be open, says that it is we who cannot, and goes on afterwards', async () => {
  const loader = fileURLToPath(import.meta.resolve('tsx'))
  const node = [process.execPath, '--import', loader, '--input-type=module', '-e', PROGRAM]
  const { stdout } = await promisify(execFile)('sh', ['-c', 'ulimit -n 256 && exec "$@"', 'sh', ...node])
  expect(JSON.parse(stdout)).toEqual(['exhausted', 200, 'exhausted'])
})
