/**
 * One instance of a registered class, in this process or one of its own: made, begun, called and let go alike.
 */
import type { HandlerClass } from './registrar.js'

const NEVER = new AbortController().signal

export interface Instance<Begun> {
  /** @param signal aborts at the deadline. @throws what `work` throws; `plugin_timeout`, `plugin_crashed` of an isolated one */
  use<Result>(work: (begun: Begun, signal: AbortSignal) => Promise<Result>, signal?: AbortSignal): Promise<Result>
  close(): Promise<void>
}

/**
 * @param begin checks and starts what the constructor without arguments made; of an isolated one it is told again after each
 *   crash. There all of its methods are asynchronous.
 * @param answering the methods whose answers are of use, `begin`'s among them. Absent: all. What crosses from a process must be
 *   plain data, and what the others answer may be anything.
 * @throws TypeError for what is no class; whatever its module, its constructor and `begin` throw
 */
export async function instanceOf<Begun>(
  known: HandlerClass,
  name: string,
  begin: (made: unknown) => Promise<Begun>,
  answering?: readonly string[],
): Promise<Instance<Begun>> {
  if (known.isolate) {
    const isolated = await known.isolate(begin, answering)
    return { use: (work, signal) => isolated.use(work, { signal }), close: () => isolated.close() }
  }
  const Class = await known.load()
  if (typeof Class !== 'function') throw new TypeError(`${name} is no class.`)
  const begun = await begin(Reflect.construct(Class, []))
  return { use: (work, signal = NEVER) => work(begun, signal), close: async () => {} }
}
