/**
 * The public list: everything outside src/ takes what it needs from here. Written by hand, one group a folder.
 */

// configuration and telemetry
export { type ConfigSources, type LoadedConfig, loadConfig, printConfig, resolveConfig } from './config.js'
export { inWords } from './config-check.js'
export {
  CONFIG_ROOT,
  type Config,
  type ConfigInput,
  ConfigSchema,
  type SchemaNode,
  SETTINGS,
  type Setting,
} from './config-schema.js'
export type { Flag } from './config-sources.js'
// errors
export * from './errors.js'
// event
export type { Category, JsonSchema, TypeDefinition } from './event/catalogue.js'
export type { AnyEvent, EventAttributes, EventInput, Outcome, Phase, Priority, TocsinEvent } from './event/envelope.js'
export { NATIVE_TYPES } from './event/native/all.js'

// intake
export { canonical, sha256 } from './intake/canonical.js'
export type { TranslationContext, Translator } from './intake/translate.js'
// plugin
export type { Plugin } from './plugin.js'
// store
export { openMemoryStore } from './store/memory/store.js'
export type * from './store/port.js'
export type * from './store/rows.js'
export { FINISHED_STATES } from './store/rows.js'
export { createLogger, createMetrics, type LogSettings, type Metrics, prettyLine } from './telemetry.js'
