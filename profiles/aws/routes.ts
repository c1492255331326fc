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
import { ANY_OBJECT, TEXT } from '../schema.js'
import { AwsError, snsCode } from './aws-error.js'
import type { Operation } from './call.js'
import { authenticate, forTenant, requireScope } from './caller.js'
import { readForm } from './form.js'
import { originOf, placeOf } from './names.js'
import { openRoutes } from './open-routes.js'
import { ownRoutes } from './own-routes.js'
import { type Json, Parameters } from './parameters.js'
import { foreignScope } from './signature.js'
import { SNS } from './sns/operations.js'
import { SQS } from './sqs/operations.js'
import { answerXml, errorXml } from './xml.js'

/** A batch of the greatest size, each of its characters written as an escape. */
const BODY_LIMIT = 8 * 1_048_576

const JSON_TYPE = 'application/x-amz-json-1.0'
const XML_TYPE = 'text/xml'
const TARGET = 'AmazonSQS.'

/** How the answer is written. */
interface Protocol {
  answer(action: string, result: Json, id: string): PluginReply
  refuse(error: AwsError, id: string): PluginReply
}

/** The model of SQS has one name for all that is wrong with a signature. */
const SIGNING: ReadonlySet<string> = new Set([
  ...['SignatureDoesNotMatch', 'InvalidClientTokenId', 'IncompleteSignature', 'MissingAuthenticationToken'],
  'RequestExpired',
])

const json: Protocol = {
  answer: (_, result, id) => ({
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

/** @param codeOf what the service calls an error. */
const query = (service: 'sqs' | 'sns', codeOf: (error: AwsError) => string): Protocol => ({
  answer: (action, result, id) => ({
    status: 200,
    headers: xmlHeaders(id),
    body: answerXml(service, action, result, id),
  }),
  refuse: (error, id) => {
    const { fault, message, status } = error
    return { status, headers: xmlHeaders(id), body: errorXml(service, { fault, message, code: codeOf(error) }, id) }
  },
})

const xmlHeaders = (id: string) => ({ 'content-type': XML_TYPE, 'x-amzn-requestid': id })

const sqsQuery = query('sqs', ({ oldCode }) => oldCode)
const snsQuery = query('sns', ({ name }) => snsCode(name))

async function handle(request: PluginRequest, hub: Hub): Promise<PluginReply> {
  let protocol = protocolOf(request)
  try {
    const now = Date.now()
    const caller = await authenticate(request, hub, now)
    if (protocol === json && caller.service !== 'sqs') throw foreignScope(caller.service)
    if (protocol !== json) protocol = caller.service === 'sqs' ? sqsQuery : snsQuery
    const { name, operations, fields } = protocol === json ? inJson(request) : inForm(request, caller.service)
    const operation = operations.get(name)
    if (!operation)
      throw new AwsError('InvalidAction', `The action ${JSON.stringify(name.slice(0, 100))} is not supported here.`)
    requireScope(caller, operation.scope)
    const principal = forTenant(caller)
    const place = placeOf(hub.config, principal.tenant, originOf(request))
    const parameters = new Parameters(fields)
    const result = await operation.run({ hub, principal, now, signal: request.signal, place, parameters })
    return protocol.answer(name, result, request.id)
  } catch (error) {
    return protocol.refuse(errorOf(error, protocol), request.id)
  }
}

/** Before it is known who calls: by what the request looks like. */
function protocolOf({ headers, url }: Pick<PluginRequest, 'headers' | 'url'>): Protocol {
  if (headers['x-amz-target'] !== undefined || String(headers['content-type']).startsWith(JSON_TYPE)) return json
  const isOfQueue = /^\/\d{12}\//.test(url) || /(\/|%2F)sqs(\/|%2F)aws4_request/i.test(`${headers.authorization}${url}`)
  return isOfQueue ? sqsQuery : snsQuery
}

interface Asked {
  readonly name: string
  readonly operations: ReadonlyMap<string, Operation>
  readonly fields: Json
}

function inJson({ headers, body }: PluginRequest): Asked {
  const { 'x-amz-target': target } = headers
  if (typeof target !== 'string' || !target.startsWith(TARGET))
    throw new AwsError('InvalidAction', `X-Amz-Target must be ${TARGET}OPERATION.`)
  const fields = body.length === 0 ? {} : parseJson(body, { maxBytes: BODY_LIMIT, maxDepth: 16, maxKeys: 10_000 })
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw new AwsError('InvalidParameterValue', 'The body must be a JSON object.')
  return { name: target.slice(TARGET.length), operations: SQS, fields: { ...fields } }
}

/** A queue may be named by the path alone. */
function inForm({ body, url, method }: PluginRequest, service: 'sqs' | 'sns'): Asked {
  const [path = '/', ...rest] = url.split('?')
  const { action, fields } = readForm(method === 'GET' ? rest.join('?') : Buffer.from(body).toString(), service)
  if (service === 'sns') return { name: action, operations: SNS, fields }
  return { name: action, operations: SQS, fields: path === '/' ? fields : { QueueUrl: path, ...fields } }
}

/** An error of ours in their words. What is our fault, or nobody raised on purpose, goes by the log of the server (`refuse`). */
function errorOf(error: unknown, protocol: Protocol): AwsError {
  if (error instanceof AwsError) return error
  if (!isTocsinError(error) || error.status >= 500) throw error
  return fromTocsin(error, protocol)
}

function fromTocsin({ code, status, message }: TocsinError, protocol: Protocol): AwsError {
  if (code === 'too_large') return new AwsError('RequestTooLarge', message)
  if (code === 'quota_exceeded') return new AwsError(protocol === snsQuery ? 'Throttled' : 'RequestThrottled', message)
  if (code === 'forbidden' || code === 'unauthenticated') return new AwsError('AccessDenied', message)
  if (code === 'conflict' || code === 'precondition_failed') return new AwsError('ConcurrentAccess', message)
  if (status === 503) return new AwsError('ServiceUnavailable', message)
  if (status >= 500) return new AwsError('InternalError', 'The request id finds the reason in the log of the server.')
  return new AwsError('InvalidParameterValue', message)
}

function refuse(error: TocsinError, request: Pick<PluginRequest, 'id' | 'url' | 'headers'>): PluginReply {
  const protocol = protocolOf(request)
  return protocol.refuse(fromTocsin(error, protocol), request.id)
}

const BODIES = { [JSON_TYPE]: ANY_OBJECT, [XML_TYPE]: TEXT }

const call = (method: 'GET' | 'POST', path: string, operationId: string): PluginRoute => ({
  ...{ method, path, operationId, scope: 'own', bodyLimit: BODY_LIMIT, handle, refuse },
  takes: { [JSON_TYPE]: ANY_OBJECT, 'application/x-www-form-urlencoded': ANY_OBJECT },
  answers: { status: 200, description: 'As the operation says, in the protocol of the call.', bodies: BODIES },
  errors: BODIES,
  summary: 'Amazon SQS and SNS',
  description: 'Every operation of both, as their SDKs send it, signed by AWS Signature Version 4.',
})

const QUEUE_PATH = '/:account(^[0-9]{12}$)/:queue'

export const routes: readonly PluginRoute[] = [
  call('POST', '/', 'awsCall'),
  call('POST', QUEUE_PATH, 'awsQueueCall'),
  call('GET', QUEUE_PATH, 'awsQueueGet'),
  ...openRoutes,
  ...ownRoutes,
]
