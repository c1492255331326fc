/**
 * The classes that the configuration names, each loaded when an instance of it is made.
 */
import type { Config } from './config-schema.js'
import { exportOf, loadModule } from './plugins/load-module.js'
import type { ClassTable, HandlerClass } from './registrar.js'

type Constructor = new (...given: never[]) => object

export const classesIn = ({ classes, folder }: Pick<Config, 'classes' | 'folder'>): ClassTable =>
  Object.fromEntries(Object.entries(classes).map(([name, entry]) => [name, classOf(`classes.${name}`, entry, folder)]))

function classOf(place: string, entry: Config['classes'][string], folder: string): HandlerClass {
  const { module, export: name, ...about } = entry
  const source = { from: folder, entry: place }
  return { ...about, load: async () => exportOf(await loadModule(module, source), place, { ...CLASS, name }) }
}

const CLASS = {
  what: 'a class',
  fits: (value: unknown): value is Constructor => typeof value === 'function' && value.prototype !== undefined,
}
