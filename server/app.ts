/**
 * The server around a hub: REST under /v1, described by OpenAPI 3.1, errors as RFC 9457 problems.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type Hub, NotFound } from '../src/index.js'
import { guard } from './auth.js'
import { consoleRoutes } from './console.js'
import { lazySerializers, lazyValidators } from './lazy-schemas.js'
import { logRequest } from './log.js'
import { answerOtherMethods } from './methods.js'
import { OPENAPI } from './openapi.js'
import { type Parse, parserFor, readJsonWith, refuseCompressed } from './parsers.js'
import { KEEP_NOWHERE, sendProblem, tocsinErrorOf } from './problem.js'
import { refuseBadEncoding } from './query.js'
import { applyRules } from './route-rules.js'
import { auditRoutes } from './routes/audit.js'
import { captureRoutes } from './routes/captures.js'
import { definitionRoutes } from './routes/definitions.js'
import { eraseRoutes } from './routes/erase.js'
import { eventRoutes } from './routes/events.js'
import { hostedPluginRoutes } from './routes/hosted-plugins.js'
import { importRoutes } from './routes/imports.js'
import { inboxRoutes } from './routes/inbox.js'
import { instanceRoutes } from './routes/instance.js'
import { keyRoutes } from './routes/keys.js'
import { linkRoutes } from './routes/links.js'
import { pluginRoutes } from './routes/plugin.js'
import { processingRoutes } from './routes/processing.js'
import { processorFileRoutes } from './routes/processor-file.js'
import { processorRoutes } from './routes/processors.js'
import { publishRoutes } from './routes/publish.js'
import { pullRoutes } from './routes/pull.js'
import { registrationRoutes } from './routes/registrations.js'
import { resourceRoutes } from './routes/resources.js'
import { sessionRoutes } from './routes/session.js'
import { oidcRoutes } from './routes/session-oidc.js'
import { subscriptionActionRoutes } from './routes/subscription-actions.js'
import { subscriptionChangeRoutes } from './routes/subscription-changes.js'
import { subscriptionRoutes } from './routes/subscriptions.js'
import { tailRoutes } from './routes/tail.js'
import { taskBulkRoutes } from './routes/task-bulk.js'
import { taskRoutes } from './routes/tasks.js'
import { tenantRoutes } from './routes/tenants.js'
import { transactionRoutes } from './routes/transactions.js'
import { translateRoutes } from './routes/translate.js'
import { typeRoutes } from './routes/types.js'
import { SCHEMAS } from './schemas.js'
import { answerUnreadable, requireHost } from './unreadable.js'

export interface ServerOptions {
  /** Bytes a body may have. Default: the hub's `server.bodyLimit`. */
  readonly bodyLimit?: number
  /** Milliseconds between two comments on an idle event stream. Default 15,000. */
  readonly heartbeat?: number
  /** The folder of the built web console. Default: the one in the package. */
  readonly console?: string
}

/** Ids may be URIs, of 2048 bytes, each perhaps percent-encoded; the router's own limit is 100 characters. */
const LONGEST_PARAMETER = 3 * 2048

/** Milliseconds a request may take to arrive. */
const SLOWEST_REQUEST = 60_000

/** A server that does not listen yet; closing it leaves the hub open. */
export function createServer(hub: Hub, options: ServerOptions = {}): FastifyInstance {
  const bodyLimit = options.bodyLimit ?? hub.config.server.bodyLimit
  const parse = parserFor(hub.config, bodyLimit)
  const app: FastifyInstance = Fastify({
    logger: false,
    ...tlsOf(hub),
    bodyLimit,
    requestTimeout: SLOWEST_REQUEST,
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    schemaController: { compilersFactory: { buildSerializer: lazySerializers, buildValidator: noOther } },
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    http: { requireHostHeader: false },
    clientErrorHandler: answerUnreadable(hub),
    frameworkErrors: (error, request, reply) => {
      reply.headers(KEEP_NOWHERE)
      fail(error, request, reply)
    },
  })
  readJsonWith(app, parse)
  for (const schema of SCHEMAS) app.addSchema(schema)
  app.setValidatorCompiler(lazyValidators(SCHEMAS))
  watch(app, hub)
  letGoOnClose(app)
  app.register(swagger, OPENAPI)
  app.register(routes(hub, parse, options))
  return app
}

/** Validators are set. Without this Fastify loads a whole Ajv of its own before it hears of that. */
function noOther(): never {
  throw new TypeError('Validators are those of lazyValidators.')
}

/** Certificates of clients are known by themselves, whoever issued them: the handshake proves that the client has the key. */
function tlsOf({ config: { server } }: Hub): object {
  const { cert, key, clients = 'none' } = server.tls ?? {}
  if (cert === undefined || key === undefined) return {}
  const files = { cert: readFileSync(cert), key: readFileSync(key) }
  return { https: { ...files, minVersion: 'TLSv1.2', requestCert: clients === 'ask', rejectUnauthorized: false } }
}

/** What happens to every request, whatever its route. */
function watch(app: FastifyInstance, hub: Hub): void {
  app.decorateRequest('caller')
  app.decorateRequest('failure', null)
  app.addHook('onRequest', keepNowhere)
  app.addHook('onRequest', requireHost)
  app.addHook('onRequest', guard(hub))
  app.addHook('onRequest', refuseBadEncoding)
  app.addHook('onRequest', refuseCompressed)
  app.addHook('onResponse', logRequest(hub))
  app.addHook('onRoute', applyRules)
  app.setErrorHandler(fail)
}

async function keepNowhere(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.headers(KEEP_NOWHERE)
}

/** A connection that is kept alive would hold the close up: it ends after the answer under way. */
function letGoOnClose(app: FastifyInstance): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onResponse', async ({ raw }) => {
    if (closing) raw.socket.end()
  })
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? ''

function fail(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = tocsinErrorOf(thrown)
  request.failure = { code: error.code, cause: thrown }
  return sendProblem(request, reply, error)
}

const routes = (hub: Hub, parse: Parse, options: ServerOptions) => async (app: FastifyInstance) => {
  const otherMethods = answerOtherMethods(app)
  app.get('/openapi.json', { schema: { hide: true }, config: { scope: 'open' } }, async () => app.swagger())
  for (const part of parts(hub, parse, options)) await app.register(part)
  for (const { plugin, routes } of hub.routes) await app.register(pluginRoutes(hub, plugin, routes))
  otherMethods.refuse()
  app.setNotFoundHandler((request, reply) =>
    fail(otherMethods.refusalOf(request, reply) ?? new NotFound('path', pathOf(request)), request, reply),
  )
}

const parts = (hub: Hub, parse: Parse, options: ServerOptions) => [
  publishRoutes(hub, parse),
  translateRoutes(hub),
  tailRoutes(hub, options.heartbeat ?? 15_000),
  eventRoutes(hub),
  eraseRoutes(hub),
  inboxRoutes(hub),
  typeRoutes(hub),
  resourceRoutes(hub),
  linkRoutes(hub),
  importRoutes(hub),
  subscriptionChangeRoutes(hub),
  subscriptionRoutes(hub),
  subscriptionActionRoutes(hub),
  pullRoutes(hub),
  taskRoutes(hub),
  taskBulkRoutes(hub),
  transactionRoutes(hub),
  processorRoutes(hub),
  processorFileRoutes(hub),
  processingRoutes(hub),
  hostedPluginRoutes(hub),
  registrationRoutes(hub),
  captureRoutes(hub),
  definitionRoutes(hub),
  keyRoutes(hub),
  sessionRoutes(hub),
  oidcRoutes(hub),
  tenantRoutes(hub),
  auditRoutes(hub),
  instanceRoutes(hub),
  consoleRoutes(options.console),
]
