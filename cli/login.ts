/** `tocsin login`: keeps a server and a key for the commands to come. */
import type { Command } from 'commander'
import { Client } from './lib/client.js'
import { endpointOf, type GlobalOptions, loginFile, writeLogin } from './lib/endpoint.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'

export function addLogin(program: Command, io: Io): void {
  program
    .command('login')
    .description('keep --server and a key (read from standard input, so that it is in no history) for later commands')
    .action((_: unknown, command: Command) => login(io, command.optsWithGlobals()))
}

async function login(io: Io, options: GlobalOptions): Promise<void> {
  if (io.drawing) io.err('The key, then Enter: ')
  const key = options.key ?? (await firstLine(io.input))
  if (key === '') throw new UsageError('No key was given.', 'a key on standard input')
  const endpoint = endpointOf({ ...options, key }, io)
  const client = new Client(endpoint)
  try {
    await client.call('GET', '/v1/types')
  } finally {
    await client.close()
  }
  writeLogin(loginFile(io), { server: endpoint.server, key })
  io.out(`Kept in ${loginFile(io)}.`)
}

async function firstLine(input: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of input) {
    text += decoder.decode(chunk, { stream: true })
    if (text.includes('\n') || text.length > 1024) break
  }
  return (text.split('\n', 1)[0] ?? '').trim()
}
