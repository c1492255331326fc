/**
 * Resources that are there: one that was removed is read with its last state, which a profile has no use for.
 */
import { NotFound, type Resource } from '../src/index.js'

/** @throws NotFound, also of one that has been removed */
export async function living(reading: Promise<Resource>): Promise<Resource> {
  const resource = await reading
  if (resource.removedAt === null) return resource
  throw new NotFound('resource', resource.id)
}

/** Null where there is none, or none any more. */
export async function livingOrNull(reading: Promise<Resource>): Promise<Resource | null> {
  try {
    return await living(reading)
  } catch (error) {
    if (error instanceof NotFound) return null
    throw error
  }
}
