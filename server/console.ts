/**
 * The web console at `/console`: the files `npm run build` made of `console/`, read once and kept in memory. A path names
 * one of them or a page of the console; it never reaches the disk.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { built } from '../src/built.js'
import { NotFound } from '../src/index.js'
import { once } from './once.js'

const BUILT = fileURLToPath(built('console/'))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Nothing inline, nothing of another origin, in nobody's frame; a text never becomes markup (Trusted Types). */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  vary: 'accept-encoding',
}

interface File {
  readonly body: Buffer
  /** Made when it is first asked for: most servers are never looked at. */
  zipped(): Buffer
  readonly type: string
  readonly tag: string
}

const OPEN = { schema: { hide: true }, config: { scope: 'open' } } as const

/** @param folder where the built console lies; if it is not there, `/console` says how to build it. */
export const consoleRoutes =
  (folder: string = BUILT) =>
  async (app: FastifyInstance): Promise<void> => {
    const files = filesIn(folder)
    const page = files.get('index.html')
    app.get('/', OPEN, async (_request, reply) => reply.redirect('/console/'))
    app.get('/console', OPEN, async (_request, reply) => reply.redirect('/console/'))
    app.get('/console/*', OPEN, async (request, reply) => {
      const path = (request.params as { readonly '*': string })['*']
      const file = files.get(path) ?? (extname(path) === '' ? page : undefined)
      if (file) return send(request, reply, file, path.startsWith('assets/'))
      throw new NotFound(
        'page',
        path,
        page ? 'a page of the console, from /console/' : 'the console: `npm run build` makes it',
      )
    })
  }

function filesIn(folder: string): ReadonlyMap<string, File> {
  if (!existsSync(folder)) return new Map()
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => statSync(join(folder, name)).isFile())
  return new Map(files.map((name) => [name.replaceAll('\\', '/'), fileOf(join(folder, name))]))
}

function fileOf(path: string): File {
  const body = readFileSync(path)
  return {
    body,
    zipped: once(() => gzipSync(body)),
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  }
}

/** A hashed name means the same for ever; the page itself is asked for each time. */
function send({ headers }: FastifyRequest, reply: FastifyReply, file: File, hashed: boolean): FastifyReply {
  const caching = hashed ? 'public, max-age=31536000, immutable' : 'no-cache'
  reply.headers({ ...HEADERS, 'content-type': file.type, 'cache-control': caching, etag: file.tag })
  if (headers['if-none-match'] === file.tag) return reply.status(304).send()
  if (!/\bgzip\b/.test(headers['accept-encoding'] ?? '')) return reply.send(file.body)
  return reply.header('content-encoding', 'gzip').send(file.zipped())
}
