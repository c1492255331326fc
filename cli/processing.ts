/** `tocsin processing`: whether asynchronous processors are worked off, and when. */
import { type Command, InvalidArgumentError } from 'commander'
import { withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { at, type Column } from './lib/table.js'

const yesOrNo = (name: string) => (item: unknown) => (at(item, name) === true ? 'yes' : 'no')

const ROW: readonly Column[] = [
  ['asynchronous', yesOrNo('asynchronous')],
  ['stopped', yesOrNo('stopped')],
]

export function addProcessing(program: Command, io: Io): void {
  const processing = program
    .command('processing')
    .description('show, start and stop the work of asynchronous processors')
  processing
    .command('show')
    .description('whether it is asynchronous, and whether it is stopped')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) => context.show(await context.client.call('GET', '/v1/processing'), ROW)),
    )
  const set = (command: Command, body: Readonly<Record<string, boolean>>) =>
    withServer(io, command, async (context) =>
      context.show(await context.client.call('PATCH', '/v1/processing', { body }), ROW),
    )
  processing
    .command('start')
    .description('work off what is queued')
    .action((_: unknown, command: Command) => set(command, { stopped: false }))
  processing
    .command('stop')
    .description('go on accepting events, work none off')
    .action((_: unknown, command: Command) => set(command, { stopped: true }))
  processing
    .command('asynchronous')
    .description('off: the publisher waits for asynchronous processors too')
    .argument('<on|off>', 'on or off', onOrOff)
    .action((asynchronous: boolean, _: unknown, command: Command) => set(command, { asynchronous }))
}

function onOrOff(text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on'
  throw new InvalidArgumentError('It must be on or off.')
}
