import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { describe, it } from 'vitest'
import { EgressClient } from '../access/egress/client.js'
import { createPolicy } from '../access/egress/guard.js'
import { type ReceivedMessage, type TransportUnderTest, transportConformance } from './conformance.js'
import { fileTransport } from './file.js'
import { localTransport } from './local.js'
import { logTransport } from './log.js'
import { webhookTransport } from './webhook.js'

describe('webhook', () => transportConformance({ describe, test: it, create: createWebhook }))
describe('file', () => transportConformance({ describe, test: it, create: createFile }))
describe('log', () => transportConformance({ describe, test: it, create: createLog }))
describe('local', () => transportConformance({ describe, test: it, create: createLocal }))

async function createWebhook(): Promise<TransportUnderTest> {
  const received: ReceivedMessage[] = []
  let answer = (_request: IncomingMessage, response: ServerResponse, _body: string) => void response.end()
  const server = createServer(async (request, response) => {
    const body = await textOf(request)
    received.push({ id: String(request.headers['webhook-id']), body })
    answer(request, response, body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  const secret = `whsec_${Buffer.from('canary-signing-secret-of-32-bytes').toString('base64')}`
  return {
    transport: webhookTransport({ egress, version: '0.0.0' }),
    target: { url, headers: { Authorization: 'Bearer canary-bearer', 'X-Api-Key': 'canary "key"' } },
    canaries: ['canary-bearer', 'canary "key"', 'canary \\"key\\"', secret, secret.slice(6)],
    secrets: [{ secret }],
    badTargets: [
      { target: {}, field: 'target.url' },
      { target: { url: 'http://10.0.0.1/' }, field: 'target.url' },
      { target: { url: 'https://canary-bearer:x@example.org/' }, field: 'target.url' },
      { target: { url, headers: { 'x-key': 'canary-bearer\n' } }, field: 'target.headers.x-key' },
      { target: { url, method: 'GET' }, field: 'target.method' },
    ],
    received: async () => received,
    async silence() {
      answer = () => undefined
    },
    async failure() {
      answer = (request, response, body) => {
        response
          .writeHead(500)
          .end(`${JSON.stringify(request.headers)} ${request.rawHeaders.join(' ')} ${secret} ${body}`)
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await egress.close()
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function createFile(): Promise<TransportUnderTest> {
  const root = await mkdtemp(join(tmpdir(), 'tocsin-file-'))
  return {
    transport: fileTransport({ root }),
    target: { path: 'audit/events-{date}.jsonl' },
    canaries: [root],
    badTargets: [
      { target: {}, field: 'target.path' },
      { target: { path: '../outside.jsonl' }, field: 'target.path' },
      { target: { path: '/etc/passwd' }, field: 'target.path' },
      { target: { path: 'a.jsonl', maxBytes: 4096 }, field: 'target.maxBytes' },
      { target: { path: 'a.jsonl', mode: '0777' }, field: 'target.mode' },
    ],
    async received() {
      const text = await readFile(join(root, 'default/audit/events-2026-11-21.jsonl'), 'utf8').catch(() => '')
      return text
        .split('\n')
        .slice(0, -1)
        .map((body) => ({ body }))
    },
    silence: { notPossible: 'a disk answers' },
    failure: () => rm(root, { recursive: true }),
    close: () => rm(root, { recursive: true, force: true }),
  }
}

async function createLog(): Promise<TransportUnderTest> {
  const lines: string[] = []
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(...String(chunk).split('\n').slice(0, -1))
      done()
    },
  })
  return {
    transport: logTransport({ logger: pino(destination) }),
    target: { level: 'warn' },
    canaries: [],
    badTargets: [
      { target: { level: 'loud' }, field: 'target.level' },
      { target: { file: 'x' }, field: 'target.file' },
    ],
    received: async () => lines.map((line) => JSON.parse(line)).map(({ messageId, body }) => ({ id: messageId, body })),
    silence: { notPossible: 'a log answers nothing' },
    failure: { notPossible: 'a log answers nothing' },
    close: async () => undefined,
  }
}

async function createLocal(): Promise<TransportUnderTest> {
  const transport = localTransport()
  const received: ReceivedMessage[] = []
  const taken = transport.register('collect', (_event, { id, body }) => void received.push({ id, body }))
  const replace = async (handler: Parameters<typeof transport.register>[1]) => {
    taken()
    transport.register('collect', handler)
  }
  return {
    transport,
    target: { handler: 'collect' },
    canaries: [],
    badTargets: [
      { target: {}, field: 'target.handler' },
      { target: { handler: 'unheard-of' }, field: 'target.handler' },
      { target: { handler: 7 }, field: 'target.handler' },
    ],
    received: async () => received,
    silence: () => replace(() => new Promise(() => {})),
    failure: () =>
      replace(() => {
        throw new Error('no')
      }),
    close: async () => undefined,
  }
}
