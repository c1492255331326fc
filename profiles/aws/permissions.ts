/**
 * AddPermission and RemovePermission of both services: statements of a policy, each with a label of its own.
 * The form of labels and seven actions a statement are documented (API references: AddPermission). There any action may be named;
 * which of them are refused, as nobody but the owner could do them, is ours to say, and so are the words.
 */
import { AwsError } from './aws-error.js'
import { type Place, requireOwnAccount } from './names.js'
import { invalid, type Json, type Parameters } from './parameters.js'

interface Service {
  readonly prefix: 'SQS' | 'SNS'
  /** The parameters' names. */
  readonly accounts: string
  readonly actions: string
  /** What others than the owner may be granted. */
  readonly grantable: ReadonlySet<string>
  /** Of one statement; SNS tells of no limit. */
  readonly mostActions: number
}

export const OF_QUEUES: Service = {
  ...{ prefix: 'SQS', accounts: 'AWSAccountIds', actions: 'Actions' },
  grantable: new Set([
    ...['*', 'ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'GetQueueUrl'],
    ...['ListDeadLetterSourceQueues', 'PurgeQueue', 'ReceiveMessage', 'SendMessage'],
  ]),
  mostActions: 7,
}

export const OF_TOPICS: Service = {
  ...{ prefix: 'SNS', accounts: 'AWSAccountId', actions: 'ActionName' },
  grantable: new Set([
    ...['AddPermission', 'DeleteTopic', 'GetTopicAttributes', 'ListSubscriptionsByTopic', 'Publish', 'Receive'],
    ...['RemovePermission', 'SetTopicAttributes', 'Subscribe'],
  ]),
  mostActions: Number.POSITIVE_INFINITY,
}

export interface Permission {
  readonly label: string
  readonly actions: readonly string[]
}

/**
 * What AddPermission asks for.
 * @throws AwsError `MissingParameter`, `InvalidParameterValue`; `OverLimit` for more actions than one statement has room for
 */
export function readPermission(parameters: Parameters, place: Place, service: Service): Permission {
  const label = parameters.text('Label')
  if (!/^[\w-]{1,80}$/.test(label)) throw invalid('Label must be 1 to 80 letters, digits, hyphens and underscores.')
  for (const account of atLeastOne(parameters, service.accounts)) requireOwnAccount(place, account, service.accounts)
  const actions = atLeastOne(parameters, service.actions)
  if (actions.length > service.mostActions)
    throw new AwsError(
      'OverLimit',
      `${service.actions} holds ${actions.length}; a statement at most ${service.mostActions}.`,
    )
  const stranger = actions.find((action) => !service.grantable.has(action))
  if (stranger === undefined) return { label, actions: actions.map((action) => `${service.prefix}:${action}`) }
  const known = [...service.grantable].join(', ')
  throw invalid(`${service.actions}: ${JSON.stringify(stranger.slice(0, 100))} cannot be granted, only ${known}.`)
}

function atLeastOne(parameters: Parameters, name: string): readonly string[] {
  const values = parameters.texts(name)
  if (values.length > 0) return values
  throw new AwsError('MissingParameter', `The request must contain the parameter ${parameters.at(name)}.`)
}

/**
 * The policy with one more statement.
 * @throws AwsError `InvalidParameterValue` if there is one of that label
 */
export function withPermission(
  policy: string | undefined,
  { label, actions }: Permission,
  { account, resource }: { readonly account: string; readonly resource: string },
): string {
  const before: Json = policy === undefined ? { Version: '2012-10-17' } : JSON.parse(policy)
  if (statementsIn(before).some((statement) => isOf(label, statement)))
    throw invalid(`Label: the policy has a statement ${JSON.stringify(label)} already.`)
  const statement = {
    ...{ Sid: label, Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` } },
    ...{ Action: actions, Resource: resource },
  }
  return JSON.stringify({ ...before, Statement: [...statementsIn(before), statement] })
}

/** Null if there was no such statement; undefined when nothing is left. */
export function withoutPermission(policy: string | undefined, label: string): string | null | undefined {
  const before: Json = policy === undefined ? {} : JSON.parse(policy)
  const left = statementsIn(before).filter((statement) => !isOf(label, statement))
  if (left.length === statementsIn(before).length) return null
  return left.length === 0 ? undefined : JSON.stringify({ ...before, Statement: left })
}

/** One statement may stand without a list. A policy was checked when it was set. */
const statementsIn = ({ Statement = [] }: Json): readonly Json[] => [Statement].flat() as readonly Json[]

const isOf = (label: string, { Sid }: Json): boolean => Sid === label
