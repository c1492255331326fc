/**
 * The six topics of UW's Identity Registry, their types of change and fields, and its three environments:
 * https://wiki.cac.washington.edu/display/infra/Identity+Registry+Event+Notification+Topics+and+Message+Formats
 */
export interface Topic {
  readonly name: string
  readonly title: string
  readonly types: readonly ChangeType[]
  /** The fields beside `type`, in the documented order. */
  readonly fields: readonly Field[]
  /** Those a message may carry, in the documented order: which directories or stores the change may touch. */
  readonly tags: readonly string[]
}

export type ChangeType = 'insert' | 'modify' | 'delete' | 'rename' | 'test'
export type Field = 'regid' | 'source' | 'id' | 'uwnetid' | 'subscription' | 'sponsor'

const CHANGES = ['insert', 'modify', 'delete'] as const

export const TOPICS: readonly Topic[] = [
  { name: 'regid', title: 'RegID', types: CHANGES, fields: ['regid'], tags: ['account', 'person', 'whitepages'] },
  {
    name: 'source',
    title: 'source record',
    // `rename`: the primary identifier changed. Whether the one sent is the old or the new is not documented.
    types: [...CHANGES, 'rename'],
    fields: ['regid', 'source', 'id'],
    tags: ['person', 'whitepages', 'account', 'eduperson'],
  },
  {
    name: 'idattribute',
    title: 'unsourced attribute',
    // `test` only proves that the queue works.
    types: [...CHANGES, 'test'],
    fields: ['regid'],
    tags: ['person', 'whitepages', 'eduperson'],
  },
  {
    name: 'uwnetid',
    title: 'UW NetID',
    types: [...CHANGES, 'rename'],
    fields: ['regid', 'uwnetid'],
    tags: ['account', 'person', 'whitepages'],
  },
  {
    name: 'subscription',
    title: 'subscription',
    types: CHANGES,
    fields: ['subscription', 'uwnetid'],
    tags: ['account', 'password', 'forward'],
  },
  { name: 'sponsor', title: 'sponsorship', types: CHANGES, fields: ['regid', 'sponsor'], tags: [] },
]

export const VERBS: Readonly<Record<ChangeType, string>> = {
  insert: 'inserted',
  modify: 'modified',
  delete: 'deleted',
  rename: 'renamed',
  test: 'tested',
}

export interface Environment {
  readonly systemType: string
  /** The registry that publishes: the source of its events, so that environments never mix. */
  readonly source: string
  readonly topicPrefix: string
}

export const ENVIRONMENTS: readonly Environment[] = [
  { systemType: 'prod', source: 'https://mango.u.washington.edu/', topicPrefix: 'idreg-v1-' },
  { systemType: 'eval', source: 'https://mango-eval.u.washington.edu/', topicPrefix: 'idreg-eval-v1-' },
  { systemType: 'dev', source: 'https://mango-dev.u.washington.edu/', topicPrefix: 'idreg-dev-v1-' },
]

export const SYSTEM_TYPES: readonly string[] = ENVIRONMENTS.map(({ systemType }) => systemType)

export const TOPIC_ARN_PREFIX = 'arn:aws:sns:us-east-1:611509864246:'

/** A topic of one environment, as consumers name it. */
export interface EnvironmentTopic {
  /** `idreg-eval-v1-source` */
  readonly name: string
  readonly arn: string
  readonly environment: Environment
  readonly topic: Topic
}

export function topicOf(environment: Environment, topic: Topic): EnvironmentTopic {
  const name = `${environment.topicPrefix}${topic.name}`
  return { name, arn: `${TOPIC_ARN_PREFIX}${name}`, environment, topic }
}

/** All eighteen. */
export const ENVIRONMENT_TOPICS: readonly EnvironmentTopic[] = ENVIRONMENTS.flatMap((environment) =>
  TOPICS.map((topic) => topicOf(environment, topic)),
)
