/**
 * Tags of queues and topics: at most 50, keys of 1 to 128 characters, values of at most 256.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html
 */
import { AwsError } from './aws-error.js'
import { invalid } from './parameters.js'

export type Tags = Readonly<Record<string, string>>

const MOST = 50

/** @param before those that are there already, which stay. */
export function readTags(given: Tags, before: Tags): Tags {
  for (const [key, value] of Object.entries(given)) {
    if (key.length < 1 || key.length > 128 || value.length > 256 || /^aws:/i.test(key))
      throw invalid('A tag has a key of 1 to 128 characters that does not begin with aws:, and a value of at most 256.')
  }
  const tags = { ...before, ...given }
  if (Object.keys(tags).length > MOST) throw new AwsError('TagLimitExceeded', `At most ${MOST} tags.`)
  return tags
}
