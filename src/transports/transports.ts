/**
 * The transports of an instance, by name.
 */
import type { Transport } from './transport.js'

/** In the order in which they were given. */
export type Transports = ReadonlyMap<string, Transport>

const NAME = /^[a-z][a-z0-9-]{0,49}$/

/** @throws TypeError if two have the same name, or a name is not lower-case kebab. */
export function transportsOf(list: readonly Transport[]): Transports {
  const byName = new Map<string, Transport>()
  for (const transport of list) {
    const name = JSON.stringify(transport.name)
    if (!NAME.test(transport.name)) throw new TypeError(`${name} is no name for a transport.`)
    if (byName.has(transport.name)) throw new TypeError(`There are two transports named ${name}.`)
    byName.set(transport.name, transport)
  }
  return byName
}
