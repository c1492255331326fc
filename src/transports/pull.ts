/**
 * Events the subscriber fetches: nothing is sent, so this is a description only. Whoever holds a pull subscription leases its
 * tasks (`POST /v1/subscriptions/{id}/lease`) and settles or releases them.
 */
import { targetReader } from './target.js'
import type { TargetSchema, Transport } from './transport.js'

const PULL_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    queue: {
      type: 'object',
      title: 'Attributes',
      description: 'What a protocol that pulls from it keeps about it (such as the attributes of an SQS queue).',
    },
  },
}

const read = targetReader<{ readonly queue?: Readonly<Record<string, unknown>> }>(PULL_TARGET)

export const pullTransport: Transport = {
  name: 'pull',
  title: 'Pull',
  promise: 'at least once; acknowledged when the subscriber settles the lease',
  target: PULL_TARGET,
  defaultFormat: 'cloudevents',
  async check(target) {
    read(target)
  },
  open() {
    throw new TypeError('A pull subscription is leased by its subscriber; nothing is sent to it.')
  },
}
