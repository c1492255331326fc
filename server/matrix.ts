/**
 * Who may do what: one entry an operation, by its operationId. The test walks the operations OpenAPI lists, so an
 * operation without an entry fails it, and an entry says by itself what the code says in `requireScope` and the hub.
 */
import type { Role } from '../src/index.js'

export type ObjectKind =
  | 'event'
  | 'suspended'
  | 'entry'
  | 'resource'
  | 'link'
  | 'import'
  | 'subscription'
  | 'paused'
  | 'logReader'
  | 'resourceType'
  | 'purchase'
  | 'webhook'
  | 'task'
  | 'finished'
  | 'transaction'
  | 'key'
  | 'tenant'
  | 'processor'
  | 'registrar'
  | 'capture'
  | 'type'
  | 'translator'
  | 'problem'

export interface Expected {
  /** Roles that may; any other is told 403. `everyone`: no key is asked for. */
  readonly roles: readonly Role[] | 'everyone'
  /** What fills the path. */
  readonly object?: ObjectKind
  readonly query?: string
  readonly body?: unknown
  /** The answer is a stream; its beginning will do. */
  readonly endless?: boolean
  /** The status when all is well. */
  readonly own: number
  /** Roles that may do it in other tenants too. */
  readonly reaches?: readonly Role[]
  /** Another status for a role: it may call, but sees or may less. */
  readonly but?: Readonly<Partial<Record<Role, number>>>
}

const READERS = ['operator', 'admin', 'subscriber', 'reader'] as const
const SUBSCRIBERS = ['operator', 'admin', 'subscriber'] as const
const PUBLISHERS = ['operator', 'admin', 'publisher'] as const
const OBSERVERS = ['operator', 'admin', 'reader'] as const
const ALL = ['operator', 'admin', 'publisher', 'subscriber', 'reader'] as const

const EVENT = { type: 'user.created', source: '/hr', subject: 'mia', data: {} }

const CAPTURE = {
  connection: { host: '127.0.0.1', port: 9, database: 'x', user: 'x', tls: 'off' },
  tables: { 'public.x': { events: [{ type: 'user.created' }] } },
}

export const MATRIX: Readonly<Record<string, Expected>> = {
  publishEvents: { roles: PUBLISHERS, body: EVENT, own: 202 },
  translateMessage: { roles: PUBLISHERS, object: 'translator', body: {}, own: 207 },
  listEvents: { roles: READERS, own: 200 },
  tailEvents: { roles: READERS, own: 200, endless: true },
  getEvent: { roles: READERS, object: 'event', own: 200 },
  getTimeline: { roles: READERS, object: 'event', own: 200 },
  getTree: { roles: READERS, object: 'event', own: 200 },
  resumeEvent: { roles: PUBLISHERS, object: 'suspended', own: 200 },

  eraseSubject: { roles: ['operator', 'admin'], body: { subject: 'NEW', compact: false }, own: 200 },

  // Of those who see the whole tenant.
  listInbox: { roles: READERS, own: 200, but: { subscriber: 403 } },
  getInboxEntry: { roles: READERS, object: 'entry', own: 200, but: { subscriber: 403 } },
  retryInboxEntry: { roles: SUBSCRIBERS, object: 'entry', own: 200, but: { subscriber: 403 } },
  dropInboxEntry: { roles: SUBSCRIBERS, object: 'entry', own: 204, but: { subscriber: 403 } },

  listTypes: { roles: ALL, own: 200 },
  listTransports: { roles: ALL, own: 200 },
  getType: { roles: ALL, object: 'type', own: 200 },
  listResourceTypes: { roles: ALL, own: 200 },
  getResourceType: { roles: ALL, object: 'resourceType', own: 200 },

  listResources: { roles: ['operator', 'admin', 'publisher', 'reader'], own: 200 },
  getResource: { roles: ['operator', 'admin', 'publisher', 'reader'], object: 'resource', own: 200 },
  createResource: { roles: PUBLISHERS, body: { id: 'NEW', type: 'device' }, own: 201 },
  updateResource: { roles: PUBLISHERS, object: 'resource', body: { status: 'lost' }, own: 200 },
  removeResource: { roles: PUBLISHERS, object: 'resource', own: 200 },
  // It passes by the judges.
  importResources: { roles: PUBLISHERS, body: {}, own: 200, but: { publisher: 403 } },
  getImport: { roles: PUBLISHERS, object: 'import', own: 200, but: { publisher: 403 } },
  listLinks: { roles: ['operator', 'admin', 'publisher', 'reader'], object: 'resource', own: 200 },
  linkResources: { roles: PUBLISHERS, object: 'link', own: 200 },
  unlinkResources: { roles: PUBLISHERS, object: 'link', own: 200 },
  bindToDomain: { roles: PUBLISHERS, object: 'purchase', body: { domain: 'example.com' }, own: 200 },
  changeLimits: { roles: PUBLISHERS, object: 'purchase', body: { limits: { seats: 7 } }, own: 200 },
  renewSubscription: { roles: PUBLISHERS, object: 'purchase', body: { period: 1, periodType: 'month' }, own: 200 },

  createSubscription: {
    roles: SUBSCRIBERS,
    body: { name: 'all', types: ['*'], transport: 'pull' },
    own: 201,
  },
  previewSubscription: { roles: SUBSCRIBERS, body: { types: ['*'] }, own: 200 },
  listSubscriptions: { roles: READERS, own: 200 },
  getSubscription: { roles: READERS, object: 'subscription', own: 200 },
  updateSubscription: { roles: SUBSCRIBERS, object: 'subscription', body: { name: 'renamed' }, own: 200 },
  removeSubscription: { roles: SUBSCRIBERS, object: 'subscription', own: 204 },
  testSubscription: { roles: SUBSCRIBERS, object: 'webhook', own: 200 },
  pauseSubscription: { roles: SUBSCRIBERS, object: 'subscription', own: 200 },
  resumeSubscription: { roles: SUBSCRIBERS, object: 'paused', own: 200 },
  seekSubscription: { roles: SUBSCRIBERS, object: 'logReader', body: { to: 'now' }, own: 200 },
  rotateSecret: { roles: SUBSCRIBERS, object: 'webhook', own: 200 },
  replaySubscription: { roles: SUBSCRIBERS, object: 'subscription', body: { from: 0, dryRun: true }, own: 200 },
  explainSubscription: { roles: READERS, object: 'subscription', query: 'event=EVENT', own: 200 },
  leaseTasks: { roles: SUBSCRIBERS, object: 'subscription', own: 200 },
  settleLeases: { roles: SUBSCRIBERS, object: 'subscription', body: { leases: ['1.1'] }, own: 200 },
  releaseLeases: { roles: SUBSCRIBERS, object: 'subscription', body: { leases: ['1.1'] }, own: 200 },

  listTasks: { roles: READERS, own: 200, but: { subscriber: 422 } },
  getTask: { roles: READERS, object: 'task', own: 200 },
  retryTask: { roles: SUBSCRIBERS, object: 'finished', own: 200 },
  cancelTask: { roles: SUBSCRIBERS, object: 'task', own: 200 },
  // Who does not see the whole tenant names a subscription of its own.
  redriveTasks: {
    roles: SUBSCRIBERS,
    body: { states: ['exhausted'], dryRun: true },
    own: 200,
    but: { subscriber: 422 },
  },

  countTasks: { roles: READERS, own: 200, but: { subscriber: 422 } },
  prioritiseTask: { roles: SUBSCRIBERS, object: 'task', body: { priority: 'high' }, own: 200 },
  removeTask: { roles: SUBSCRIBERS, object: 'finished', own: 200 },
  changeTasks: {
    roles: SUBSCRIBERS,
    body: { action: 'cancel', filter: {}, dryRun: true },
    own: 200,
    but: { subscriber: 422 },
  },
  removeAllTasks: { roles: SUBSCRIBERS, query: 'dryRun=true', own: 200, but: { subscriber: 403 } },
  getTransaction: { roles: READERS, object: 'transaction', query: 'wait=1', own: 200, but: { subscriber: 404 } },

  listProcessors: { roles: OBSERVERS, own: 200 },
  overviewProcessors: { roles: OBSERVERS, own: 200 },
  getProcessor: { roles: OBSERVERS, object: 'processor', own: 200 },
  exportProcessors: { roles: OBSERVERS, own: 200 },
  diffProcessors: { roles: OBSERVERS, body: { processors: {} }, own: 200 },
  applyProcessors: { roles: ['operator'], body: { processors: {} }, own: 200 },
  listRegistrations: { roles: OBSERVERS, own: 200 },
  replaceRegistrations: { roles: ['operator'], object: 'registrar', body: { registrations: [] }, own: 200 },
  listPlugins: { roles: OBSERVERS, own: 200 },
  reloadPlugins: { roles: ['operator'], body: {}, own: 200 },
  // There is no source here: who may is told that it does not answer, or that there is no such capture.
  listCaptures: { roles: ['operator'], own: 200 },
  getCapture: { roles: ['operator'], object: 'capture', own: 404 },
  planCapture: { roles: ['operator'], body: CAPTURE, own: 503 },
  applyCapture: { roles: ['operator'], body: CAPTURE, own: 503 },
  checkCapture: { roles: ['operator'], object: 'capture', own: 404 },
  reconcileCapture: { roles: ['operator'], object: 'capture', body: {}, own: 404 },
  removeCapture: { roles: ['operator'], object: 'capture', own: 404 },
  getProcessing: { roles: OBSERVERS, own: 200 },
  setProcessing: { roles: ['operator'], body: { stopped: false }, own: 200 },
  configureProcessor: { roles: ['operator'], object: 'processor', body: { enabled: true }, own: 200 },

  // Of those who govern the tenant.
  exportDefinitions: { roles: READERS, own: 200, but: { subscriber: 403 } },
  diffDefinitions: { roles: SUBSCRIBERS, body: { subscriptions: {} }, own: 200, but: { subscriber: 403 } },
  applyDefinitions: { roles: SUBSCRIBERS, body: { subscriptions: {} }, own: 200, but: { subscriber: 403 } },

  createKey: { roles: ['operator', 'admin'], body: { name: 'new', roles: ['reader'] }, own: 201 },
  listKeys: { roles: ['operator', 'admin'], own: 200 },
  revokeKey: { roles: ['operator', 'admin'], object: 'key', own: 204, reaches: ['operator'] },

  // Without the header that a page of ours sends: nobody signs in.
  createSession: { roles: 'everyone', body: { key: 'tsk_nobody' }, own: 403 },
  getSession: { roles: ALL, own: 200 },
  endSession: { roles: 'everyone', own: 403 },
  getSignIn: { roles: 'everyone', own: 200 },
  beginSignIn: { roles: 'everyone', own: 403 },
  finishSignIn: { roles: 'everyone', body: { answer: 'code=a&state=b' }, own: 403 },
  createTenant: { roles: ['operator'], body: { id: 'NEW', name: 'new' }, own: 201 },
  listTenants: { roles: ['operator'], own: 200 },
  updateTenant: { roles: ['operator'], object: 'tenant', body: { name: 'renamed' }, own: 200 },
  listAudit: { roles: ['operator', 'admin'], own: 200 },

  isAlive: { roles: 'everyone', own: 200 },
  isReady: { roles: 'everyone', own: 200 },
  getConfig: { roles: ['operator'], own: 200 },
  getHealth: { roles: ['operator'], own: 200 },
  listNodes: { roles: ['operator'], own: 200 },
  listPartitions: { roles: ['operator'], own: 200 },
  getMetrics: { roles: ['operator'], own: 200 },
  getProblem: { roles: 'everyone', object: 'problem', own: 200 },
}
