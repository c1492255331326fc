/**
 * Which processors a command shows, and in which columns.
 */
import { type Command, Option } from 'commander'
import { given, names } from './arguments.js'
import { at, type Column } from './table.js'

export interface ProcessorFilter {
  readonly name?: string
  readonly module?: string
  readonly kind?: string
  readonly description?: string
  readonly types?: readonly string[]
  readonly resourceType?: string
  readonly implements?: string
  readonly text?: string
  readonly enabled?: true
  readonly disabled?: true
}

export const processorFiltered = (command: Command): Command =>
  command
    .option('--name <name>', 'of exactly this name')
    .option('--module <name>', 'of this module')
    .option('--kind <kind>', 'judge, witness or asynchronous')
    .option('--description <text>', 'with this in the description')
    .option('--types <names>', 'that hear all of these event types', names)
    .option('--resource-type <name>', 'that name this resource type')
    .option('--implements <name>', 'that name this resource type or one that implements it; * is any')
    .option('--text <text>', 'with this in name, title or description')
    .addOption(new Option('--enabled', 'that run').conflicts('disabled'))
    .option('--disabled', 'that are passed over')

export function processorQuery(filter: ProcessorFilter): Readonly<Record<string, string | readonly string[]>> {
  const { name, module, kind, description, types, resourceType, text, enabled, disabled } = filter
  const state = enabled ? 'true' : disabled ? 'false' : undefined
  return given({
    ...{ name, module, kind, description, resourceType, text, type: types, enabled: state },
    implements: filter.implements,
  }) as Readonly<Record<string, string | readonly string[]>>
}

export const stateOf = (item: unknown): string | null => {
  const enabled = at(item, 'enabled')
  if (typeof enabled !== 'boolean') return null
  return enabled ? 'enabled' : 'disabled'
}

export const PROCESSORS: readonly Column[] = [
  ['order', 'order'],
  ['name', 'name'],
  ['kind', 'kind'],
  ['state', stateOf],
  ['types', (item) => orAll(at(item, 'types'))],
  ['description', 'description'],
]

const orAll = (types: unknown): unknown => (Array.isArray(types) && types.length === 0 ? '*' : types)
