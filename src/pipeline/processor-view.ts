/**
 * A processor as people see it: what it is, how it is set, nothing secret.
 */
import type { JsonSchema } from '../event/catalogue.js'
import { deadlineOf } from './call.js'
import type { LineUp, Placed } from './line-up.js'
import { maskedOptions, type Options } from './options.js'
import type { Processor, ProcessorKind } from './processor.js'
import { MEMBERS, type Member } from './setting.js'

export interface ProcessorView {
  readonly name: string
  /** Who brought it; empty: nobody says. */
  readonly module: string
  readonly kind: ProcessorKind
  readonly description: string | null
  /** Its name for people, by language tag. */
  readonly titles: Readonly<Record<string, string>>
  readonly enabled: boolean
  readonly disableable: boolean
  /** It may answer `close`. */
  readonly closable: boolean
  readonly order: number
  /** Empty: every type. */
  readonly types: readonly string[]
  /** Empty: whatever the event is about. */
  readonly resourceTypes: readonly string[]
  /** Event types it would hear but for their refusing asynchronous processors. */
  readonly asynchronousRefused: readonly string[]
  /** It has a further condition. */
  readonly conditional: boolean
  /** It votes on the priority of its events. */
  readonly votes: boolean
  /** Secrets masked. */
  readonly options: Options
  readonly optionsSchema: JsonSchema | null
  /** Milliseconds. */
  readonly deadline: number
  readonly onError: 'reject' | 'continue'
  /** What was set at run time: it lies over the configuration and the code. */
  readonly set: readonly Member[]
}

/** @param refusing the event types that refuse asynchronous processors. */
export function viewOf(placed: Placed, lineUp: LineUp, refusing: readonly string[]): ProcessorView {
  const { processor, enabled, order, types, options } = placed
  const setting = lineUp.setting(processor.name)
  return {
    name: processor.name,
    module: moduleOf(processor),
    kind: processor.kind,
    description: processor.description ?? null,
    titles: processor.titles ?? {},
    enabled,
    disableable: processor.disableable ?? true,
    closable: processor.closable ?? false,
    order,
    types,
    resourceTypes: processor.resourceTypes ?? [],
    asynchronousRefused: refusedBy(placed, lineUp, refusing),
    conditional: processor.when !== undefined,
    votes: processor.priority !== undefined,
    options: maskedOptions(processor.optionsSchema, options),
    optionsSchema: processor.optionsSchema ?? null,
    deadline: deadlineOf(placed),
    onError: processor.onError ?? (processor.kind === 'witness' ? 'continue' : 'reject'),
    set: MEMBERS.filter((member) => setting[member] !== null),
  }
}

/** What stands before the first colon of its name, unless it says otherwise. */
export const moduleOf = ({ module, name }: Pick<Processor, 'module' | 'name'>): string =>
  module ?? (name.includes(':') ? name.slice(0, name.indexOf(':')) : '')

const refusedBy = (placed: Placed, lineUp: LineUp, refusing: readonly string[]): readonly string[] =>
  placed.processor.kind === 'asynchronous' ? refusing.filter((type) => lineUp.covers(placed, type)) : []
