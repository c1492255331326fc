/**
 * A subscription from flags, laid over what a file says.
 */
import { given } from './arguments.js'
import { isRecord } from './table.js'

type Fields = Readonly<Record<string, unknown>>

/** Those that are called as the API calls them. */
const ALIKE = [
  ...['name', 'types', 'relation', 'format', 'delivery', 'order', 'duplicates', 'redaction', 'sees'],
  ...['disableAfter', 'record', 'timeout', 'concurrency', 'rate', 'notSelf'],
] as const

export interface SpecFlags {
  readonly file?: string
  readonly name?: string
  readonly types?: readonly string[]
  readonly url?: string
  readonly transport?: string
  readonly target?: Fields
  readonly format?: string
  readonly cel?: readonly string[]
  readonly filter?: readonly Fields[]
  readonly source?: string
  readonly sourceType?: string
  readonly relation?: string
  readonly delivery?: string
  readonly order?: string
  readonly digest?: number
  readonly digestMax?: number
  readonly duplicates?: string
  readonly payload?: string
  readonly payloadCel?: string
  readonly redaction?: string
  readonly sees?: readonly string[]
  readonly scope?: string
  readonly start?: string | number
  readonly attempts?: number
  readonly delays?: readonly number[]
  readonly firstDelay?: number
  readonly maxDelay?: number
  readonly disableAfter?: number
  readonly record?: string
  readonly timeout?: number
  readonly concurrency?: number
  readonly rate?: number
  readonly notSelf?: boolean
}

/** Only what was said; the server knows the defaults and judges the values. */
export function specOf(flags: SpecFlags, base: Fields): Fields {
  const { url, source: id, sourceType: type, attempts, delays, firstDelay, maxDelay } = flags
  return {
    ...base,
    ...given(Object.fromEntries(ALIKE.map((name) => [name, flags[name]]))),
    ...given({
      transport: flags.transport ?? (url === undefined ? undefined : 'webhook'),
      target: over(base.target, { url, ...flags.target }),
      source: over(base.source, { id, type }),
      filters: filtersOf(flags),
      payload: flags.payloadCel === undefined ? flags.payload : { cel: flags.payloadCel },
      retry: over(base.retry, { attempts, delays, firstDelay, maxDelay }),
      digest: over(base.digest, { window: flags.digest, max: flags.digestMax }),
      scope: scopeOf(flags.scope),
      start: flags.start,
    }),
  }
}

/** As a change of what is there: waits that double stand instead of a list. */
export function patchOf(body: Fields): Fields {
  const { retry } = body
  const doubles = isRecord(retry) && (retry.firstDelay !== undefined || retry.maxDelay !== undefined)
  return doubles ? { ...body, retry: { delays: null, ...retry } } : body
}

/** Laid over what the file says of it; undefined where nothing was said. */
function over(base: unknown, said: Fields): Fields | undefined {
  const fields = given(said)
  return Object.keys(fields).length === 0 ? undefined : { ...(isRecord(base) ? base : {}), ...fields }
}

/** An event must pass all of them. */
const filtersOf = ({ cel = [], filter = [] }: SpecFlags): readonly Fields[] | undefined =>
  cel.length + filter.length === 0 ? undefined : [...filter, ...cel.map((expression) => ({ cel: expression }))]

const scopeOf = (scope: string | undefined): unknown =>
  scope === undefined || scope === 'tenant' ? scope : { resource: scope }
