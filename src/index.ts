/**
 * The public list: everything outside src/ takes what it needs from here. Written by hand, one group a folder.
 */

export { DEFAULT_TENANT } from './access/access.js'
// access
export { KEY_KINDS, type KeyKind } from './access/credential.js'
export { EGRESS_CODES, type EgressCode, EgressError, isEgressError } from './access/egress/egress-error.js'
export type { KeyInput } from './access/key-input.js'
export { createRingKey, parseKeyRing } from './access/key-ring.js'
export type { KeyView } from './access/keys.js'
export { type Consumer, signOAuth1 } from './access/oauth1.js'
export type { Page, PageRequest } from './access/page.js'
export {
  hasRole,
  may,
  type Principal,
  ROLES,
  type Role,
  requireScope,
  SCOPES,
  type Scope,
  seesWholeTenant,
} from './access/principal.js'
export { MOST_QUOTAS, type TenantInput, type TenantPatch, type TenantView } from './access/tenants.js'
// errors
export * from './errors.js'
// event
export { checkUri } from './event/attribute-values.js'
export { type Category, type JsonSchema, TypeCatalogue, type TypeDefinition } from './event/catalogue.js'
export type { AnyEvent, EventAttributes, EventInput, Outcome, Phase, Priority, TocsinEvent } from './event/envelope.js'
export { NATIVE_TYPES } from './event/native/all.js'
export { hint } from './event/nearest.js'
export { type ResourceTypeDefinition, ResourceTypes } from './event/resource-types.js'
export { fieldOfPointer } from './event/schema-error.js'
export type { TypeChange } from './event/type-file.js'
// With a star, as TypeScript merges `declare module 'tocsin' { interface Catalogue {...} }` through nothing else.
export type * from './event/types.js'
// formats
export { BUILT_IN_FORMATS } from './formats/built-in.js'
export { BATCH, STRUCTURED, toJson, toWire, type WireEvent } from './formats/cloudevents.js'
export { fromBinary, fromMessage, type IncomingHeaders } from './formats/cloudevents-binary.js'
export type { Format, WireMessage } from './formats/format.js'
export { fromBatch, fromWire } from './formats/read-cloudevents.js'
export {
  generateKeyPair,
  generateSecret,
  sign as signWebhook,
  type ToSign,
  type Verified,
  verify as verifyWebhook,
  type WebhookRefusal,
  webhookIdOf,
} from './formats/standard-webhooks.js'
// hub
export { createHub, type Health, type Hub, type HubOptions } from './hub.js'
export { checkAttributes } from './intake/attributes.js'
export { canonical, sha256 } from './intake/canonical.js'
// intake
export type { Check } from './intake/capture/captures.js'
export { CaptureInput, type CaptureSpec } from './intake/capture/mapping.js'
export type { Plan } from './intake/capture/plan.js'
export { CaptureReconcileInput } from './intake/capture/read-reconcile.js'
export type { CaptureView, ReconciliationView } from './intake/capture/view.js'
export { type JsonLimits, parseJson } from './intake/json.js'
export { type JsonLine, parseJsonLines } from './intake/json-lines.js'
export type { TranslationContext, Translator } from './intake/translate.js'
export { isObject, type JsonObject } from './json-object.js'
// pipeline
export { Accepted } from './pipeline/accepted.js'
export type { HttpProcessorInput } from './pipeline/http-processor.js'
export type { Imported, ImportedKey, Importer } from './pipeline/importer.js'
export { type JudgeDependencies, judge } from './pipeline/judge.js'
export {
  type KnownTypes,
  type Lineage,
  LineUp,
  type Placed,
  type Places,
} from './pipeline/line-up.js'
export type { Answered, OperationResult, OperationState } from './pipeline/operation-result.js'
export type { OverviewProcessor, OverviewResource, OverviewType } from './pipeline/overview.js'
export type { PredefinedProcessor } from './pipeline/predefined.js'
export type { Processor, ProcessorContext, ProcessorKind } from './pipeline/processor.js'
export type { ProcessorFilter } from './pipeline/processor-filter.js'
export type { ProcessorView } from './pipeline/processor-view.js'
export type { ApplyOptions } from './pipeline/processors.js'
export { type ProcessorOutcome, type Rejection, type Run, startRun } from './pipeline/run.js'
export { MOST_ORDER, type ProcessorSetting, typeList } from './pipeline/setting.js'
export type { SettingChange, SettingsFile } from './pipeline/settings-file.js'
export { close, proceed, reject, suspend, type Verdict } from './pipeline/verdict.js'
export type { Plugin } from './plugin.js'
// plugins
export {
  type Hooks,
  type Isolated,
  type IsolatedState,
  type IsolatedStatus,
  type Isolation,
  isolate,
} from './plugins/isolate.js'
export { make } from './plugins/isolate-wire.js'
export {
  exportOf,
  loadModule,
  type Module,
  type ModuleSource,
  resolveModule,
  type Wanted,
} from './plugins/load-module.js'
// registry
export type { Link, Resource, ResourceChange } from './registry/change.js'
export type { ImportProblem, ImportView } from './registry/import-report.js'
export type * from './registry/import-store.js'
export type { ImportOptions } from './registry/imports.js'
export type { ChangeOptions } from './registry/resources.js'
// store
export { isPostgres, leavePasswordOut, withoutPassword } from './store/database-url.js'
export type { Erased } from './store/erase-rules.js'
export type { NodeView } from './store/membership.js'
export { openMemoryStore } from './store/memory/store.js'
export { inspectDatabase } from './store/open.js'
export type { PartitionView } from './store/partition-views.js'
export type * from './store/port.js'
export type { PostgresFacts } from './store/postgres/inspect.js'
export type { PostgresOptions } from './store/postgres/pool.js'
export type * from './store/rows.js'
export { FINISHED_STATES } from './store/rows.js'
export { restampSqlite } from './store/sqlite/copy.js'
export { type Connection, openConnection } from './store/sqlite/driver.js'
export { lockFile } from './store/sqlite/lock.js'
export { openSqliteStore, type SqliteOptions } from './store/sqlite/store.js'
// subscriptions
export type { Decision, Explanation } from './subscriptions/explain.js'
export type { Filter, RetrySchedule, Subscription, SubscriptionSpec } from './subscriptions/subscription.js'
export { SubscriptionInput } from './subscriptions/subscription-schema.js'
export type { SubscriptionView } from './subscriptions/subscription-view.js'
// tasks
export type { Address, AddressedMessage, Addressees, Sent } from './tasks/admit/addressed.js'
export type { PublishOptions } from './tasks/admit/publisher.js'
export type { ProcessorResult, Receipt, ReceiptState } from './tasks/admit/receipt.js'
export type { EraseOptions } from './tasks/erasing.js'
export { ERROR_CLASSES, type ErrorClass } from './tasks/error-class.js'
export type { EventQuery, EventView, TailOptions, Timeline } from './tasks/events.js'
export type { InboxEntry, InboxView } from './tasks/inbox/inbox.js'
export type { Lag } from './tasks/lag.js'
export type { Switches } from './tasks/processing.js'
export { leaseTextOf, type PulledTask, type Taking } from './tasks/pull.js'
export type { BulkRequest, BulkResult, TaskCountsView } from './tasks/queue.js'
export type { ReplayOptions, ReplayRange, ReplayResult } from './tasks/replays.js'
export type { TaskQuery } from './tasks/task-filter.js'
export type { SettledOptions, TransactionView } from './tasks/transactions.js'
export type { EventTree } from './tasks/tree.js'
export type { AttemptView, ResultView, TaskView } from './tasks/views.js'
export { EXCERPT_BYTES, type Excerpts, excerptsWithout } from './transports/excerpt.js'
// transports
export { fileTransport } from './transports/file.js'
export { type LocalContext, type LocalHandler, type LocalTransport, localTransport } from './transports/local.js'
export { logTransport } from './transports/log.js'
export { retryAfter } from './transports/retry-after.js'
export { smtpTransport } from './transports/smtp/smtp.js'
export { sqlTransport } from './transports/sql/sql.js'
export { badTarget, targetReader } from './transports/target.js'
export type {
  OutgoingMessage,
  Sender,
  SendOutcome,
  SigningSecret,
  TargetSchema,
  Transport,
  TransportDescription,
} from './transports/transport.js'
export type { MadeTransport, TransportParts } from './transports/transport-parts.js'
export { type Transports, transportsOf } from './transports/transports.js'
export { webhookTransport } from './transports/webhook.js'
export { outcomeOfError } from './transports/webhook-outcome.js'
export { inWords } from './wiring/config/check.js'
// configuration and telemetry
export {
  type ConfigSources,
  type LoadedConfig,
  loadConfig,
  printConfig,
  resolveConfig,
} from './wiring/config/config.js'
export {
  CONFIG_ROOT,
  type Config,
  type ConfigInput,
  ConfigSchema,
  type SchemaNode,
  SETTINGS,
  type Setting,
} from './wiring/config/schema.js'
export type { Flag } from './wiring/config/sources.js'
export type { Affected, DefinitionChanges, DefinitionsFile, DefinitionsOptions } from './wiring/definitions.js'
// plugin
export type { PluginView } from './wiring/hosted-plugin.js'
// registrations
export { type Instance, instanceOf } from './wiring/instance.js'
export type { PluginEntry, PluginFactory } from './wiring/load-plugin.js'
export { createLogger, type LogSettings, prettyLine } from './wiring/logger.js'
export { createMetrics, type Metrics } from './wiring/metrics.js'
export type {
  PluginAnswer,
  PluginBodies,
  PluginConnection,
  PluginReply,
  PluginRequest,
  PluginRoute,
} from './wiring/plugin-route.js'
export type { RegistrationView } from './wiring/registered.js'
export type { ClassTable, HandlerClass, Registrar, Registration, RegistryAccess, Started } from './wiring/registrar.js'
export { VERSION } from './wiring/version.js'
