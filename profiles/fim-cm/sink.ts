/**
 * The contract of a notification handler, as FIM CM has it: Microsoft.Clm.Shared.Notifications.INotificationSink
 * (https://learn.microsoft.com/en-us/previous-versions/windows/desktop/forefront-2010/bb456831(v=vs.100) and bb456832).
 */
import type { NotificationType } from './kinds.js'
import type { Provision } from './provision.js'

/**
 * One instance for each registration, made by the constructor without arguments. One instance may be in several calls at
 * once, as several requests may be on their way: it must be re-entrant.
 */
export interface NotificationSink {
  /** Called once, before all else, with the registration's `initializationData`; '' when there is none. */
  initialize(data: string): void | Promise<void>
  /** Called for each event of the registration; the call that published it waits, the sinks after it too. */
  notify(notification: Notification, context: NotificationContext): void | Promise<void>
}

/** Read-only. Times are RFC 3339 with all the digits FIM CM gave. */
export interface Notification {
  readonly notificationType: NotificationType
  readonly request: ClmRequest
  /** Whether the operation that raised it succeeded. */
  readonly isSuccess: boolean
  /** When the event started: here, when this sink was called. FIM CM names the time and shows no property for it. */
  readonly eventStarted: string
  /** When the operation that raised it started and ended; null: not told. */
  readonly started: string | null
  readonly completed: string | null
  /** The GUID of who did it; originator and target stand in the request. Null: nobody is told. */
  readonly actorUserUuid: string | null
}

/** The request, without its security descriptor. Null stands for the empty GUID and for DateTime.MinValue. */
export interface ClmRequest {
  readonly uuid: string
  readonly requestType: string | null
  /** A member of RequestStatus, or a number as text where only that was told. */
  readonly status: string | null
  readonly flags: number | null
  /** Items whose name speaks of a secret have no value and are `removed`. */
  readonly dataCollection: readonly DataCollectionItem[]
  readonly dataCollectionFlags: number | null
  readonly originatorUserUuid: string | null
  readonly targetUserUuid: string | null
  readonly submitted: string | null
  readonly completed: string | null
  readonly newProfileUuid: string | null
  readonly oldProfileUuid: string | null
  /** Set only in the later stages of a request. */
  readonly newSmartcardUuid: string | null
  readonly oldSmartcardUuid: string | null
  readonly priority: number | null
  readonly comment: string | null
  readonly profileTemplateUuid: string | null
  readonly isSmartcard: boolean | null
  readonly isEnrollmentAgent: boolean | null
  readonly isDataCollectionComplete: boolean | null
}

export interface DataCollectionItem {
  readonly name: string
  readonly value: string | null
  readonly removed?: true
}

export interface NotificationContext {
  /** Look-ups in the registry, as FindOperations of the Provision API. */
  readonly provision: Provision
  /** Aborts at the deadline. */
  readonly signal: AbortSignal
}

const METHODS = ['initialize', 'notify'] as const

/** What a class made. @throws TypeError when that is no sink */
export function sinkOf(sink: unknown, name: string): NotificationSink {
  const missing = METHODS.find((method) => typeof (sink as Partial<NotificationSink>)[method] !== 'function')
  if (missing === undefined) return sink as NotificationSink
  throw new TypeError(`${name} is no NotificationSink: it has no method ${missing}.`)
}
