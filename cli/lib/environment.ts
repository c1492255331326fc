/** `${NAME}` in texts stands for an environment variable. */
import { UsageError } from './failure.js'
import type { Io } from './io.js'
import { isRecord } from './table.js'

/**
 * The value with all its texts filled in.
 * @param place where it is, for errors.
 * @throws UsageError for a variable that is not set
 */
export function filledFrom(environment: Io['environment'], value: unknown, place: string): unknown {
  if (typeof value === 'string') return filled(environment, value, place)
  if (Array.isArray(value)) return value.map((each, index) => filledFrom(environment, each, `${place}[${index}]`))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, filledFrom(environment, member, `${place}.${key}`)]),
  )
}

const filled = (environment: Io['environment'], text: string, place: string): string =>
  text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const found = environment[name]
    if (found !== undefined) return found
    throw new UsageError(
      `${place} names the environment variable ${name}, which is not set.`,
      `${name}=... in the environment`,
    )
  })
