/**
 * Runs in an isolated process: makes one instance of a class and answers its methods. What the instance holds stays there.
 */
import { exportOf, loadModule, type ModuleSource } from './load-module.js'

export type Constructor = new (...given: never[]) => object

export const A_CLASS = {
  what: 'a class',
  fits: (value: unknown): value is Constructor => typeof value === 'function' && value.prototype !== undefined,
}

type Method = (...given: readonly unknown[]) => unknown
export type Methods = Readonly<Record<string, Method>>

/**
 * @param answering those of its methods whose answers are of use; what others answer stays here, as it may be anything: a handler
 *   that returns what its client library gave it has done its work. Absent: all.
 * @throws PluginFailed for a module that cannot be loaded or exports no class of that name; whatever the constructor throws
 */
export async function open(
  specifier: string,
  source: ModuleSource,
  name: string | undefined,
  answering?: readonly string[],
): Promise<Methods> {
  const Class = exportOf(await loadModule(specifier, source), source.entry, { ...A_CLASS, name })
  const methods = methodsOf(Reflect.construct(Class, []))
  if (answering === undefined) return methods
  return Object.fromEntries(
    Object.entries(methods).map(([each, method]) => [each, answering.includes(each) ? method : silent(method)]),
  )
}

const silent =
  (method: Method): Method =>
  async (...given) => {
    await method(...given)
  }

/** Those of its class and of the classes above, and functions it has itself. */
function methodsOf(instance: object): Methods {
  const found: [string, Method][] = []
  for (let each = instance; each !== Object.prototype && each !== null; each = Object.getPrototypeOf(each))
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each)))
      if (name !== 'constructor' && typeof value === 'function')
        found.unshift([name, (...given) => Reflect.apply(value, instance, given)])
  return Object.fromEntries(found)
}
