/**
 * Reads the tables of processors beside this file, one a line:
 *
 *     order | name | entity | event types, or * for every one | marks, or - | what it does
 *
 * The marks: `async` runs from the queue, `votes` on the priority, `fixed` cannot be disabled, `closes` may close the event,
 * `if` has a further condition, `later` came after 9.5.
 */
import type { PredefinedProcessor } from '../../../src/index.js'
import { typesOf } from '../catalogue.js'
import { resourceTypeOf } from '../resource-types.js'

/** @throws TypeError for a line that has not its six parts, or an order that is none. */
export const readProcessors = (module: string, table: string): readonly PredefinedProcessor[] =>
  table
    .trim()
    .split('\n')
    .map((line) => processorOf(module, line))

function processorOf(module: string, line: string): PredefinedProcessor {
  const [order, name, entity, types, marks, description] = line.split(' | ')
  if (!order || !name || !entity || !types || !marks || !description || !Number.isInteger(Number(order)))
    throw new TypeError(`This is no line of a table of processors: ${line}`)
  const has = (mark: string) => marks.split(' ').includes(mark)
  return {
    name: `${module}:${name}`,
    module,
    description,
    resourceType: resourceTypeOf(entity),
    types: types === '*' ? [] : typesOf(entity, types.split(',')),
    order: Number(order),
    asynchronous: has('async'),
    votes: has('votes'),
    disableable: !has('fixed'),
    closable: has('closes'),
    conditional: has('if'),
    since: has('later') ? 'after 9.5' : '9.5',
  }
}
