/** `tocsin transports`: the ways out, and what a target of each may hold. */
import type { Command } from 'commander'
import { whole, withServer } from './lib/context.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at, type Column, isRecord } from './lib/table.js'

const ROW: readonly Column[] = [
  ['name', 'name'],
  ['title', 'title'],
  ['promise', 'promise'],
]

const FIELDS: readonly Column[] = [
  ['field', 'field'],
  ['', 'needed'],
  ['description', 'description'],
]

export function addTransports(program: Command, io: Io): void {
  const transports = program.command('transports').description('list ways out; show what the target of one may hold')
  transports
    .command('list')
    .description('every way out')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) => context.showAll(await whole(context, '/v1/transports'), ROW)),
    )
  transports
    .command('show')
    .description('the fields of its target, as `tocsin subscriptions create --target field=value` takes them')
    .argument('<name>', 'as `tocsin transports list` shows it')
    .action((name: string, _: unknown, command: Command) =>
      withServer(io, command, async (context) => {
        const all = await whole(context, '/v1/transports')
        const found = all.find((each) => at(each, 'name') === name)
        if (found === undefined) {
          const names = all.map((each) => String(at(each, 'name')))
          throw new UsageError(`There is no transport ${JSON.stringify(name)}.`, `one of ${names.join(', ')}`)
        }
        if (context.json) context.show(found)
        else context.showAll(fieldsOf(at(found, 'target')), FIELDS)
      }),
    )
}

function fieldsOf(schema: unknown): readonly unknown[] {
  const properties = at(schema, 'properties')
  const required = at(schema, 'required')
  return Object.entries(isRecord(properties) ? properties : {}).map(([field, member]) => ({
    field,
    needed: neededIn(required, field, at(member, 'writeOnly') === true),
    description: at(member, 'description'),
  }))
}

const neededIn = (required: unknown, field: string, secret: boolean): string =>
  [Array.isArray(required) && required.includes(field) ? 'required' : '', secret ? 'secret' : '']
    .filter(Boolean)
    .join(', ')
