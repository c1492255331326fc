/**
 * Errors as clients of AWS know them. A name decides the HTTP status; `server` says whose fault it is.
 * SQS tells a name of its model (`QueueDoesNotExist`) and the code that the query protocol had for it
 * (`AWS.SimpleQueueService.NonExistentQueue`): clients in the wild know one or the other.
 */

/** Status, and the old code of SQS where it is another than the name. From the service models of the SDKs. */
const ERRORS = {
  // who calls
  SignatureDoesNotMatch: { status: 403 },
  InvalidClientTokenId: { status: 403 },
  IncompleteSignature: { status: 403 },
  MissingAuthenticationToken: { status: 403 },
  RequestExpired: { status: 403 },
  AccessDenied: { status: 403 },
  AuthorizationError: { status: 403 },
  InvalidSecurity: { status: 403 },
  // what is asked
  InvalidAction: { status: 400 },
  UnsupportedOperation: { status: 400, code: 'AWS.SimpleQueueService.UnsupportedOperation' },
  MissingParameter: { status: 400 },
  InvalidParameter: { status: 400 },
  InvalidParameterValue: { status: 400 },
  InvalidParameterCombination: { status: 400 },
  ParameterValueInvalid: { status: 400 },
  InvalidAttributeName: { status: 400 },
  InvalidAttributeValue: { status: 400 },
  InvalidIdFormat: { status: 400 },
  InvalidMessageContents: { status: 400 },
  InvalidAddress: { status: 404 },
  RequestTooLarge: { status: 413 },
  // SQS
  QueueDoesNotExist: { status: 400, code: 'AWS.SimpleQueueService.NonExistentQueue' },
  QueueNameExists: { status: 400, code: 'QueueAlreadyExists' },
  PurgeQueueInProgress: { status: 403, code: 'AWS.SimpleQueueService.PurgeQueueInProgress' },
  MessageNotInflight: { status: 400, code: 'AWS.SimpleQueueService.MessageNotInflight' },
  ReceiptHandleIsInvalid: { status: 404 },
  OverLimit: { status: 403 },
  RequestThrottled: { status: 403 },
  ResourceNotFoundException: { status: 404 },
  BatchEntryIdsNotDistinct: { status: 400, code: 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct' },
  BatchRequestTooLong: { status: 400, code: 'AWS.SimpleQueueService.BatchRequestTooLong' },
  EmptyBatchRequest: { status: 400, code: 'AWS.SimpleQueueService.EmptyBatchRequest' },
  InvalidBatchEntryId: { status: 400, code: 'AWS.SimpleQueueService.InvalidBatchEntryId' },
  TooManyEntriesInBatchRequest: { status: 400, code: 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest' },
  // SNS
  NotFound: { status: 404 },
  ResourceNotFound: { status: 404 },
  SubscriptionLimitExceeded: { status: 403 },
  FilterPolicyLimitExceeded: { status: 403 },
  TagLimitExceeded: { status: 400 },
  ConcurrentAccess: { status: 400 },
  Throttled: { status: 429 },
  // ours
  ServiceUnavailable: { status: 503, server: true },
  InternalError: { status: 500, server: true },
} as const satisfies Record<string, { status: number; code?: string; server?: true }>

export type AwsErrorName = keyof typeof ERRORS

export class AwsError extends Error {
  override readonly name: AwsErrorName

  constructor(name: AwsErrorName, message: string) {
    super(message)
    this.name = name
  }

  get status(): number {
    return ERRORS[this.name].status
  }

  /** What the query protocol of SQS called it. */
  get oldCode(): string {
    const known = ERRORS[this.name]
    return 'code' in known ? known.code : this.name
  }

  /** `Sender`, or `Receiver` where the fault is ours. */
  get fault(): 'Sender' | 'Receiver' {
    return 'server' in ERRORS[this.name] ? 'Receiver' : 'Sender'
  }
}

/** SNS has a name of its own for some of what SQS refuses. */
export const snsCode = (name: string): string =>
  ({
    InvalidParameterValue: 'InvalidParameter',
    MissingParameter: 'InvalidParameter',
    AccessDenied: 'AuthorizationError',
    RequestThrottled: 'Throttled',
  })[name] ?? name
