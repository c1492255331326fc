/**
 * Resource types by event types by processors: who does what, here and in the systems whose events are heard.
 */
import type { LineUp } from './line-up.js'
import { matchesType } from './line-up.js'
import type { Options } from './options.js'
import type { PredefinedProcessor } from './predefined.js'
import type { ProcessorKind } from './processor.js'
import { checkFilter, fits, type ProcessorFilter } from './processor-filter.js'
import type { ProcessorView } from './processor-view.js'

/** What a profile's system runs itself. */
export interface Predefined extends PredefinedProcessor {
  /** The profile's name. */
  readonly origin: string
}

export interface OverviewProcessor {
  /** `here`, or the profile whose system runs it itself. */
  readonly origin: string
  readonly name: string
  readonly module: string
  readonly kind: ProcessorKind
  readonly description: string | null
  readonly titles: Readonly<Record<string, string>>
  readonly order: number
  /** Null: of another system, nobody here knows. */
  readonly enabled: boolean | null
  readonly disableable: boolean
  readonly closable: boolean
  readonly conditional: boolean
  readonly votes: boolean
  /** Secrets masked. */
  readonly options: Options
}

export interface OverviewType {
  /** As the processors name it, perhaps a pattern; `*`: every event type. */
  readonly type: string
  /** By order. */
  readonly processors: readonly OverviewProcessor[]
}

export interface OverviewResource {
  /** Null: whatever the event is about. */
  readonly resourceType: string | null
  readonly types: readonly OverviewType[]
}

export interface OverviewInput {
  readonly views: readonly ProcessorView[]
  readonly predefined: readonly Predefined[]
  readonly lineUp: LineUp
  readonly filter: ProcessorFilter
}

/** @throws InvalidInput `invalid_filter` */
export function overviewOf({ views, predefined, lineUp, filter }: OverviewInput): readonly OverviewResource[] {
  checkFilter(filter)
  const here = new Set(views.map(({ name }) => name))
  const rows = [...views.map(ours), ...predefined.filter(({ name }) => !here.has(name)).map(theirs)]
  const wanted = rows.filter(({ processor, resourceTypes, types }) => {
    const hears = (type: string) => heardBy(processor, types, type, lineUp)
    const resourceLineage = (type: string) => lineUp.resourceLineage(type)
    return fits({ ...processor, resourceTypes }, filter, { hears, resourceLineage })
  })
  const resourceTypes = [...new Set(wanted.flatMap(({ resourceTypes: about }) => orNull(about)))].sort(nullFirst)
  return resourceTypes.map((resourceType) => ({
    resourceType,
    types: typesOf(wanted.filter(({ resourceTypes: about }) => orNull(about).includes(resourceType))),
  }))
}

interface Row {
  readonly resourceTypes: readonly string[]
  readonly types: readonly string[]
  readonly processor: OverviewProcessor
}

function ours(view: ProcessorView): Row {
  const { resourceTypes, types, name, module, kind, description, titles, order, enabled } = view
  const { disableable, closable, conditional, votes, options } = view
  const about = { origin: 'here', name, module, kind, description, titles, order, enabled }
  return { resourceTypes, types, processor: { ...about, disableable, closable, conditional, votes, options } }
}

function theirs(predefined: Predefined): Row {
  const { resourceType, types, origin, name, module, description, order, asynchronous } = predefined
  const { disableable, closable, conditional, votes } = predefined
  // That system runs it inside its own transaction, as only a judge does here.
  const kind = asynchronous ? 'asynchronous' : 'judge'
  const about = { origin, name, module, kind, description, titles: {}, order, enabled: null } as const
  return {
    resourceTypes: [resourceType],
    types,
    processor: { ...about, disableable, closable, conditional, votes, options: {} },
  }
}

function heardBy(processor: OverviewProcessor, types: readonly string[], type: string, lineUp: LineUp): boolean {
  if (processor.origin === 'here') return lineUp.hears(lineUp.get(processor.name), type)
  return types.length === 0 || types.some((pattern) => matchesType(pattern, type))
}

function typesOf(rows: readonly Row[]): readonly OverviewType[] {
  const types = [...new Set(rows.flatMap((row) => orAll(row.types)))].sort()
  return types.map((type) => ({
    type,
    processors: rows
      .filter((row) => orAll(row.types).includes(type))
      .map(({ processor }) => processor)
      .sort((one, other) => one.order - other.order),
  }))
}

const orAll = (types: readonly string[]): readonly string[] => (types.length === 0 ? ['*'] : types)
const orNull = (types: readonly string[]): readonly (string | null)[] => (types.length === 0 ? [null] : types)

function nullFirst(one: string | null, other: string | null): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? -1 : 1
  return one < other ? -1 : Number(one > other)
}
