/**
 * The contract of an event notification plug-in, as ActivID CMS has it: com.activcard.aims.event.AIMSEventListener and its
 * adapter (https://docs.hidglobal.com/activid-cms-v5.11/operator/api-sdk/event-notif/aims-event-listener.htm).
 */
import type { Category } from '../../src/index.js'
import type { AIMSEvent } from './aims-event.js'
import type { Configuration, ConfigurationTemplate } from './configuration-template.js'

/** That of the SPI; what `getInterfaceVersion` must answer. */
export const INTERFACE_VERSION = '4.1.1'

type Done = void | Promise<void>

export interface EventContext {
  /** Aborts at the deadline. */
  readonly signal: AbortSignal
  readonly tenant: string
}

/**
 * One instance for each plug-in of the file, made by the constructor without arguments. Of an event exactly one of the six
 * `on...` methods is called, that of its group; `onEventReceived` where the group has none. The call that published the event
 * waits; a throw is kept and shown, and fails neither the operation nor the plug-ins after it.
 */
export interface EventNotificationPlugin {
  /** First of all: which inputs it needs. */
  getConfigurationTemplate(): ConfigurationTemplate
  /** Once, at the start. */
  init(): Done
  /** Once, after `init`: what is known at the start, here `name`, as the file calls it. */
  onSetParams(params: Readonly<Record<string, string>>): Done
  /** Before the first event, and again before the next one when an input was changed. */
  setConfiguration(configuration: Configuration): Done
  getInterfaceVersion(): string
  /** Its own. */
  getVersion(): string
  onDeviceEventReceived(event: AIMSEvent, context: EventContext): Done
  onCredentialEventReceived(event: AIMSEvent, context: EventContext): Done
  onRequestEventReceived(event: AIMSEvent, context: EventContext): Done
  onUserEventReceived(event: AIMSEvent, context: EventContext): Done
  onAuthenticationEventReceived(event: AIMSEvent, context: EventContext): Done
  onEventReceived(event: AIMSEvent, context: EventContext): Done
}

/** For plug-ins that care for some groups only: what is not written does nothing. */
export abstract class EventNotificationAdapter implements EventNotificationPlugin {
  getConfigurationTemplate(): ConfigurationTemplate {
    return { inputs: [] }
  }
  init(): Done {}
  onSetParams(_params: Readonly<Record<string, string>>): Done {}
  setConfiguration(_configuration: Configuration): Done {}
  getInterfaceVersion(): string {
    return INTERFACE_VERSION
  }
  getVersion(): string {
    return INTERFACE_VERSION
  }
  onDeviceEventReceived(_event: AIMSEvent, _context: EventContext): Done {}
  onCredentialEventReceived(_event: AIMSEvent, _context: EventContext): Done {}
  onRequestEventReceived(_event: AIMSEvent, _context: EventContext): Done {}
  onUserEventReceived(_event: AIMSEvent, _context: EventContext): Done {}
  onAuthenticationEventReceived(_event: AIMSEvent, _context: EventContext): Done {}
  onEventReceived(_event: AIMSEvent, _context: EventContext): Done {}
}

export type Group =
  | 'onDeviceEventReceived'
  | 'onCredentialEventReceived'
  | 'onRequestEventReceived'
  | 'onUserEventReceived'
  | 'onAuthenticationEventReceived'
  | 'onEventReceived'

const GROUPS: Readonly<Partial<Record<Category, Group>>> = {
  device: 'onDeviceEventReceived',
  credential: 'onCredentialEventReceived',
  request: 'onRequestEventReceived',
  user: 'onUserEventReceived',
}

/** @param lineage the type of the event and the native one it is a case of. */
export function groupOf(lineage: readonly string[], category: Category | undefined): Group {
  if (lineage.includes('user.authenticated')) return 'onAuthenticationEventReceived'
  return (category && GROUPS[category]) ?? 'onEventReceived'
}

const METHODS = [
  ...['getConfigurationTemplate', 'init', 'onSetParams', 'setConfiguration', 'getInterfaceVersion', 'getVersion'],
  ...Object.values(GROUPS),
  ...['onAuthenticationEventReceived', 'onEventReceived'],
]

/** What a class made. @throws TypeError when that is no plug-in of this version */
export async function plugInOf(instance: unknown, name: string): Promise<EventNotificationPlugin> {
  const made = instance as EventNotificationPlugin
  const missing = METHODS.find((method) => typeof Reflect.get(made, method) !== 'function')
  if (missing !== undefined)
    throw new TypeError(
      `${name} is no EventNotificationPlugin: it has no method ${missing}. EventNotificationAdapter has all.`,
    )
  // From another process it is a promise.
  const version: unknown = await made.getInterfaceVersion()
  if (version === INTERFACE_VERSION) return made
  throw new TypeError(
    `${name} is written for another interface than ${INTERFACE_VERSION}: getInterfaceVersion must answer INTERFACE_VERSION.`,
  )
}
