/**
 * One address for both services. SQS by its JSON protocol is told by `X-Amz-Target`; a form is of the service that it was
 * signed for: SNS, or SQS by its older query protocol, with the queue in the path or as QueueUrl.
 */
import {
  type Hub,
  isTocsinError,
  type PluginReply,
  type PluginRequest,
  type PluginRoute,
  parseJson,
  type TocsinError,
} from '../../src/index.js'
import { AwsError } from './aws-error.js'
import { type Call, type Json, type Operation, Parameters } from './call.js'
import { authenticate, forTenant, requireScope } from './caller.js'
import { placeOf } from './names.js'
import { SQS } from './sqs/operations.js'

/** A batch of the greatest size, each of its characters written as an escape. */
const BODY_LIMIT = 8 * 1_048_576

const JSON_TYPE = 'application/x-amz-json-1.0'
const TARGET = 'AmazonSQS.'

/** How the answer is written. */
interface Protocol {
  answer(result: Json, id: string): PluginReply
  refuse(error: AwsError, id: string): PluginReply
}

/** The model of SQS has one name for all that is wrong with a signature. */
const SIGNING: ReadonlySet<string> = new Set([
  ...['SignatureDoesNotMatch', 'InvalidClientTokenId', 'IncompleteSignature', 'MissingAuthenticationToken'],
  'RequestExpired',
])

const json: Protocol = {
  answer: (result, id) => ({
    status: 200,
    headers: { 'content-type': JSON_TYPE, 'x-amzn-requestid': id },
    body: JSON.stringify(result),
  }),
  refuse: (error, id) => ({
    status: error.status,
    headers: {
      'content-type': JSON_TYPE,
      'x-amzn-requestid': id,
      // Clients of the query protocol's time know errors by this (`x-amzn-query-mode`).
      'x-amzn-query-error': `${SIGNING.has(error.name) ? 'InvalidSecurity' : error.oldCode};${error.fault}`,
    },
    body: JSON.stringify({
      __type: `com.amazonaws.sqs#${SIGNING.has(error.name) ? 'InvalidSecurity' : error.name}`,
      message: error.message,
    }),
  }),
}

async function handle(request: PluginRequest, hub: Hub): Promise<PluginReply> {
  const protocol = json
  try {
    return protocol.answer(await perform(request, hub), request.id)
  } catch (error) {
    return protocol.refuse(errorOf(error), request.id)
  }
}

async function perform(request: PluginRequest, hub: Hub): Promise<Json> {
  const now = Date.now()
  const caller = await authenticate(request, hub, now)
  const { name, operations, fields } = asked(request)
  const operation = operations.get(name)
  if (!operation)
    throw new AwsError('InvalidAction', `The action ${JSON.stringify(name.slice(0, 100))} is not supported here.`)
  requireScope(caller, operation.scope)
  const principal = forTenant(caller)
  const call: Call = {
    ...{ hub, principal, now, signal: request.signal, place: placeOf(hub.config, principal.tenant, originOf(request)) },
    parameters: new Parameters(fields),
  }
  return operation.run(call)
}

interface Asked {
  readonly name: string
  readonly operations: ReadonlyMap<string, Operation>
  readonly fields: Json
}

function asked({ headers, body }: PluginRequest): Asked {
  const { 'x-amz-target': target } = headers
  if (typeof target !== 'string' || !target.startsWith(TARGET))
    throw new AwsError('InvalidAction', `X-Amz-Target must be ${TARGET}OPERATION.`)
  const fields = body.length === 0 ? {} : parseJson(body, { maxBytes: BODY_LIMIT, maxDepth: 16, maxKeys: 10_000 })
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw new AwsError('InvalidParameterValue', 'The body must be a JSON object.')
  return { name: target.slice(TARGET.length), operations: SQS, fields: { ...fields } }
}

/** As the caller knows us; the signature covers it. */
const originOf = ({ headers, connection }: PluginRequest): string =>
  `${connection.secure || headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'}://${headers.host}`

/** An error of ours in their words. What nobody raised on purpose is for the log. */
function errorOf(error: unknown): AwsError {
  if (error instanceof AwsError) return error
  if (!isTocsinError(error)) throw error
  return fromTocsin(error)
}

function fromTocsin({ code, status, message }: TocsinError): AwsError {
  if (code === 'too_large') return new AwsError('RequestTooLarge', message)
  if (code === 'quota_exceeded') return new AwsError('Throttled', message)
  if (code === 'forbidden' || code === 'unauthenticated') return new AwsError('AccessDenied', message)
  if (code === 'conflict' || code === 'precondition_failed') return new AwsError('ConcurrentAccess', message)
  if (status === 503) return new AwsError('ServiceUnavailable', message)
  if (status >= 500) return new AwsError('InternalError', 'The request id finds the reason in the log of the server.')
  return new AwsError('InvalidParameterValue', message)
}

const refuse = (error: TocsinError, { id }: Pick<PluginRequest, 'id'>): PluginReply =>
  json.refuse(fromTocsin(error), id)

export const routes: readonly PluginRoute[] = [
  {
    ...{ method: 'POST', path: '/', operationId: 'awsCall', scope: 'own', bodyLimit: BODY_LIMIT, handle, refuse },
    summary: 'Amazon SQS and SNS',
    description: 'Every operation of both, as their SDKs send it, signed by AWS Signature Version 4.',
  },
]
