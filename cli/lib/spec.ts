/**
 * A subscription from flags, laid over what a file says.
 */
import { given } from './arguments.js'
import { isRecord } from './table.js'

type Fields = Readonly<Record<string, unknown>>

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
  readonly delivery?: string
  readonly order?: string
  readonly digest?: number
  readonly digestMax?: number
  readonly payload?: string
  readonly redaction?: string
  readonly sees?: readonly string[]
  readonly scope?: string
  readonly start?: string
  readonly attempts?: number
  readonly timeout?: number
  readonly concurrency?: number
  readonly rate?: number
  readonly notSelf?: true
}

/** Only what was said; the server knows the defaults and judges the values. */
export function specOf(flags: SpecFlags, base: Fields): Fields {
  const { name, types, format, delivery, order, payload, redaction, sees, timeout, concurrency, rate, notSelf } = flags
  const transport = flags.transport ?? (flags.url === undefined ? undefined : 'webhook')
  return {
    ...base,
    ...given({
      name,
      types,
      format,
      delivery,
      order,
      payload,
      redaction,
      sees,
      timeout,
      concurrency,
      rate,
      notSelf,
      transport,
    }),
    ...given({
      target: targetOf(flags, base),
      filters: filtersOf(flags),
      retry: retryOf(flags, base),
      digest: digestOf(flags, base),
    }),
    ...given({ scope: scopeOf(flags.scope), start: pointOf(flags.start) }),
  }
}

/** An event must pass all of them. */
const filtersOf = ({ cel = [], filter = [] }: SpecFlags): readonly Fields[] | undefined =>
  cel.length + filter.length === 0 ? undefined : [...filter, ...cel.map((expression) => ({ cel: expression }))]

function targetOf({ url, target }: SpecFlags, base: Fields): Fields | undefined {
  if (url === undefined && target === undefined) return undefined
  return { ...(isRecord(base.target) ? base.target : {}), ...given({ url }), ...target }
}

const retryOf = ({ attempts }: SpecFlags, base: Fields): Fields | undefined =>
  attempts === undefined ? undefined : { ...(isRecord(base.retry) ? base.retry : {}), attempts }

function digestOf({ digest: window, digestMax: max }: SpecFlags, base: Fields): Fields | undefined {
  if (window === undefined && max === undefined) return undefined
  return { ...(isRecord(base.digest) ? base.digest : {}), ...given({ window, max }) }
}

const scopeOf = (scope: string | undefined): unknown =>
  scope === undefined || scope === 'tenant' ? scope : { resource: scope }

/** A place in the log: digits are a sequence. */
export const pointOf = (point: string | undefined): unknown =>
  point !== undefined && /^\d{1,15}$/.test(point) ? Number(point) : point
