/** `tocsin processors overview`: who does what, by what events are about, those of other systems beside ours. */
import type { Command } from 'commander'
import { whole, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { type ProcessorFilter, processorFiltered, processorQuery, stateOf } from './lib/processor-filter.js'
import { at, type Column, cell, isRecord } from './lib/table.js'

interface Options extends ProcessorFilter {
  readonly origin?: string
}

const ROW: readonly Column[] = [
  ['order', 'order'],
  ['module', 'module'],
  ['name', (item) => withoutModule(String(at(item, 'name')), String(at(item, 'module')))],
  ['kind', 'kind'],
  ['state', (item) => (at(item, 'origin') === 'here' ? stateOf(item) : at(item, 'origin'))],
  ['fixed', (item) => (at(item, 'disableable') === false ? 'yes' : null)],
  ['event types', 'types'],
  ['configuration', (item) => orNone(at(item, 'options'))],
  ['description', 'description'],
]

export function addOverview(processors: Command, io: Io): void {
  processorFiltered(
    processors.command('overview').description('processors by what events are about; other systems’ beside ours'),
  )
    .option('--origin <name>', 'here, or the profile whose system runs them, such as czechidm')
    .action((options: Options, command: Command) =>
      withServer(io, command, async (context) => {
        const query = { ...processorQuery(options), ...(options.origin !== undefined && { origin: options.origin }) }
        const groups = await whole(context, '/v1/processors/overview', query)
        if (context.json || groups.length === 0) return context.showAll(groups, [])
        for (const [index, group] of groups.entries()) {
          context.io.out(`${index === 0 ? '' : '\n'}${titleOf(group)}`)
          context.showAll(rowsOf(group), ROW)
        }
      }),
    )
}

const titleOf = (group: unknown): string => {
  const type = at(group, 'resourceType')
  return type === null ? 'Whatever the event is about' : cell(type)
}

/** One row a processor, with every event type under which it stands. */
function rowsOf(group: unknown): readonly unknown[] {
  const rows = new Map<string, { readonly types: readonly unknown[] }>()
  for (const type of listAt(group, 'types')) {
    for (const processor of listAt(type, 'processors').filter(isRecord)) {
      const name = `${processor.origin} ${processor.name}`
      rows.set(name, { ...processor, types: [...(rows.get(name)?.types ?? []), at(type, 'type')] })
    }
  }
  return [...rows.values()].sort(byOrder)
}

const byOrder = (one: unknown, other: unknown): number => Number(at(one, 'order')) - Number(at(other, 'order'))

const listAt = (value: unknown, name: string): readonly unknown[] => {
  const items = at(value, name)
  return Array.isArray(items) ? items : []
}

const withoutModule = (name: string, module: string): string =>
  module !== '' && name.startsWith(`${module}:`) ? name.slice(module.length + 1) : name

const orNone = (options: unknown): unknown => (Object.keys(options ?? {}).length === 0 ? null : options)
