/**
 * Runs plug-ins, processors and registered classes against recorded events, on a hub of their own that keeps nothing.
 */
import { createReadStream } from 'node:fs'
import { isTocsinError, messageOf } from './errors.js'
import type { EventInput } from './event/envelope.js'
import { fromWire } from './formats/read-cloudevents.js'
import { createHub, type Hub, type HubOptions } from './hub.js'
import { parseJsonLines } from './intake/json-lines.js'
import type { Processor } from './pipeline/processor.js'
import type { ReceiptState } from './tasks/admit/receipt.js'
import type { ResultView } from './tasks/views.js'
import type { Config } from './wiring/config/schema.js'
import type { PluginEntry } from './wiring/load-plugin.js'
import type { ClassTable, Registration } from './wiring/registrar.js'

export interface Rehearsed extends Pick<HubOptions, 'plugins'> {
  readonly processors?: readonly Processor[]
  /** Entries as in the configuration, with options and isolation. */
  readonly entries?: readonly PluginEntry[]
  /** Where the modules of `entries` are looked for. Default: the working folder. */
  readonly folder?: string
  /** What stands behind registered classes: in code, or by module as in the configuration. */
  readonly classes?: ClassTable
  readonly classModules?: Config['classes']
  /** Classes registered as another system's configuration would, by that system: `fim-cm`, `activid-cms`. */
  readonly registrations?: Readonly<Record<string, readonly Registration[]>>
}

/** What one processor, plug-in or class did with one event; several results are several calls. */
export interface RehearsedCall
  extends Pick<ResultView, 'processor' | 'kind' | 'state' | 'verdict' | 'code' | 'message'> {
  /** Milliseconds from its call to its answer. */
  readonly milliseconds: number
}

export interface Rehearsal {
  readonly id: string
  readonly type: string
  readonly subject: string | null
  /** `rejected`: a judge said no, or failed, or the event itself was refused; `error` tells which. */
  readonly state: ReceiptState | 'rejected'
  readonly error: { readonly code: string; readonly message: string } | null
  /** In the order in which they ran. */
  readonly calls: readonly RehearsedCall[]
}

/**
 * One event after another, each to its end: asynchronous processors run in the call too. Event types nobody knows are let in.
 * @param events CloudEvents as JSON, such as `readEvents` answers.
 * @throws PluginFailed when an entry cannot be loaded; TypeError when a class cannot be started; InvalidInput for what is no event
 */
export async function rehearse(what: Rehearsed, events: Iterable<unknown>): Promise<readonly Rehearsal[]> {
  const hub = await open(what)
  try {
    await prepare(hub, what)
    const rehearsals: Rehearsal[] = []
    for (const event of events) rehearsals.push(await rehearseOne(hub, event))
    return rehearsals
  } finally {
    await hub.close()
  }
}

const open = ({
  plugins = [],
  classes,
  entries = [],
  classModules = {},
  folder = process.cwd(),
}: Rehearsed): Promise<Hub> =>
  createHub({
    plugins,
    ...(classes && { classes }),
    config: {
      database: 'memory',
      folder,
      plugins: entries,
      classes: classModules,
      log: { level: 'silent' },
      sealing: { key: Buffer.alloc(32, 'rehearse').toString('base64') },
      processing: { asynchronous: false },
    },
  })

async function prepare(hub: Hub, { processors = [], registrations = {} }: Rehearsed): Promise<void> {
  hub.plugins.refuseBroken()
  await hub.tenants.update(hub.local, hub.local.tenant, { openTypes: true })
  for (const processor of processors) hub.use(processor)
  for (const [system, list] of Object.entries(registrations)) await hub.registrations.replace(hub.local, system, list)
  const failed = hub.registrations.list(hub.local).find(({ state }) => state === 'failed')
  if (failed) throw new TypeError(`${failed.class} was not started: ${failed.failure}`)
}

async function rehearseOne(hub: Hub, value: unknown): Promise<Rehearsal> {
  // What was given where it was recorded is given anew here.
  const { tenant: _, sequence: __, ...event } = fromWire(value)
  const { id, type, source, subject = null } = event
  try {
    const { state } = await hub.publish(event as EventInput)
    const { results } = await hub.events.timeline(hub.local, id, source)
    return { id, type, subject, state, error: null, calls: results.map(callOf) }
  } catch (error) {
    return { id, type, subject, state: 'rejected', error: told(error), calls: [] }
  }
}

const callOf = ({ processor, kind, state, verdict, code, message, startedAt, endedAt }: ResultView): RehearsedCall => ({
  ...{ processor, kind, state, verdict, code, message },
  milliseconds: endedAt === null ? 0 : Date.parse(endedAt) - Date.parse(startedAt),
})

const told = (error: unknown) => ({ code: isTocsinError(error) ? error.code : 'internal', message: messageOf(error) })

/**
 * Recorded events: a file of JSON lines as `tocsin tail --json` prints them.
 * @throws InvalidInput with the line that is no JSON; the system's error for a file that cannot be read
 */
export async function readEvents(file: string): Promise<readonly unknown[]> {
  const events: unknown[] = []
  for await (const each of parseJsonLines(createReadStream(file))) {
    if ('error' in each) throw each.error
    events.push(each.value)
  }
  return events
}
