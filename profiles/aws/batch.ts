/**
 * Batches: one to ten entries with ids of their own, each of which succeeds or fails by itself.
 */
import { isTocsinError } from '../../src/index.js'
import { AwsError, type AwsErrorName } from './aws-error.js'
import { sizeOfUnchecked } from './message-attributes.js'
import type { Json, Parameters } from './parameters.js'

/** @throws AwsError for a batch that is wrong as a whole */
export function entriesOf(parameters: Parameters, field: string): readonly Parameters[] {
  const entries = parameters.objects(field)
  if (entries.length === 0) throw wrong('EmptyBatchRequest', 'There should be at least one entry in the request.')
  if (entries.length > 10)
    throw wrong(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    )
  const ids = entries.map((entry) => entry.text('Id'))
  if (ids.some((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id)))
    throw wrong(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores, at most 80.',
    )
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined) throw wrong('BatchEntryIdsNotDistinct', `Id ${twice} repeated.`)
  return entries
}

/**
 * What all messages of a batch count together: bodies, and names, types and values of attributes.
 * @throws AwsError `BatchRequestTooLong`
 */
export function requireNotLonger(entries: readonly Parameters[], body: string, most: number): void {
  const sizes = entries.map(
    (entry) => Buffer.byteLength(entry.optionalText(body) ?? '') + sizeOfUnchecked(entry.get('MessageAttributes')),
  )
  if (sizes.reduce((sum, size) => sum + size, 0) > most)
    throw wrong('BatchRequestTooLong', `Batch requests cannot be longer than ${most} bytes.`)
}

const wrong = (name: AwsErrorName, message: string): AwsError => new AwsError(name, message)

type Work = (entry: Parameters) => Promise<Json>

/**
 * Each entry on its own: what it came to, or the error that refused it. What is no refusal fails the whole.
 * @param inOrder one after the other, where their order counts
 */
export async function eachOf(
  entries: readonly Parameters[],
  codeOf: (error: AwsError) => string,
  work: Work,
  inOrder = false,
): Promise<{ readonly Successful: readonly Json[]; readonly Failed: readonly Json[] }> {
  const ended: End[] = []
  if (inOrder) for (const entry of entries) ended.push(await endOf(entry, codeOf, work))
  else ended.push(...(await Promise.all(entries.map((entry) => endOf(entry, codeOf, work)))))
  return {
    Successful: ended.flatMap(({ done }) => (done ? [done] : [])),
    Failed: ended.flatMap(({ failed }) => (failed ? [failed] : [])),
  }
}

interface End {
  readonly done?: Json
  readonly failed?: Json
}

async function endOf(entry: Parameters, codeOf: (error: AwsError) => string, work: Work): Promise<End> {
  const Id = entry.text('Id')
  try {
    return { done: { Id, ...(await work(entry)) } }
  } catch (error) {
    const refused = refusalIn(error)
    if (refused === null) throw error
    return { failed: { Id, SenderFault: refused.fault === 'Sender', Code: codeOf(refused), Message: refused.message } }
  }
}

/** Of what a tenant may send, some may be used up by the entries before. */
function refusalIn(error: unknown): AwsError | null {
  if (error instanceof AwsError) return error
  return isTocsinError(error) && error.code === 'quota_exceeded' ? wrong('RequestThrottled', error.message) : null
}
