/**
 * The classes that the configuration names, each loaded when an instance of it is made, here or in a process of its own.
 */
import { fileURLToPath } from 'node:url'
import { built } from '../built.js'
import { type Hooks, type Isolated, isolate } from '../plugins/isolate.js'
import { A_CLASS, type Methods } from '../plugins/isolated-instance.js'
import { digestOf, exportOf, loadModule, type ModuleSource } from '../plugins/load-module.js'
import type { Config } from './config/schema.js'
import type { ClassTable, HandlerClass } from './registrar.js'

type Entry = Config['classes'][string]

/** What the table tells of its classes. */
export interface TableHooks {
  /** An isolated instance crashed. */
  crashed(module: string, error: Error): void
}

export const classesIn = ({ classes, folder }: Pick<Config, 'classes' | 'folder'>, hooks: TableHooks): ClassTable =>
  Object.fromEntries(
    Object.entries(classes).map(([name, entry]) => [name, classOf(`classes.${name}`, entry, folder, hooks)]),
  )

function classOf(place: string, entry: Entry, folder: string, hooks: TableHooks): HandlerClass {
  const { module, export: name, isolated, ...about } = entry
  const digest = digestOf(module, { from: folder, entry: place }) ?? 'none'
  const source = { from: folder, entry: place, version: digest }
  return {
    ...about,
    version: JSON.stringify([entry, folder, digest]),
    load: async () => exportOf(await loadModule(module, source), place, { ...A_CLASS, name }),
    ...(isolated && { isolate: isolating(entry, source, hooks) }),
  }
}

const INSTANCE = fileURLToPath(built('programs/isolated-instance.js'))

/** Milliseconds a call may take, as for processors that are not isolated. */
const TIME = { inTheCall: 5_000, fromTheQueue: 30_000 }

function isolating(entry: Entry, source: ModuleSource, { crashed }: TableHooks): NonNullable<HandlerClass['isolate']> {
  const { module, export: name, isolated, deadline, asynchronous } = entry
  const time = deadline ?? (asynchronous ? TIME.fromTheQueue : TIME.inTheCall)
  return <Instance>(
    begin: (instance: unknown) => Promise<Instance>,
    answering?: readonly string[],
  ): Promise<Isolated<Instance>> => {
    const hooks: Hooks<Instance> = {
      async begin({ open }) {
        return begin(
          await (open as (...given: readonly unknown[]) => Promise<Methods>)(module, source, name, answering),
        )
      },
      crashed: (error) => crashed(module, error),
    }
    const { from, entry: place } = source
    return isolate(INSTANCE, { from, entry: place }, { memory: isolated?.memory, time }, hooks)
  }
}
