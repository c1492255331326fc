/**
 * What crosses between this process and an isolated one. Values are cloned (v8 structured clone); functions and abort
 * signals cannot be, so their places are told beside the value and a stand-in is put there on the other side.
 * The places come from us and never from the value, so no data can pass for a function.
 */
import { messageOf } from '../errors.js'

type Place = readonly string[]

export interface Packed {
  readonly value: unknown
  /** Where functions stood, and by which number each is called. */
  readonly functions: readonly (readonly [Place, number])[]
  readonly signals: readonly (readonly [Place, number])[]
}

export interface PackedError {
  readonly name: string
  readonly message: string
  readonly code: string | null
}

/** An answer, or what was thrown instead. */
export type Answer = { readonly value: Packed } | { readonly error: PackedError }

export type ToIsolated =
  | {
      readonly kind: 'call'
      readonly id: number
      readonly target: number
      readonly args: Packed
      readonly keep: boolean
    }
  | { readonly kind: 'abort'; readonly signal: number }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'ping' }

export type FromIsolated =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'call'; readonly id: number; readonly target: number; readonly args: Packed }
  | { readonly kind: 'pong' }

/** Loads the module: the one function that is there from the beginning. */
export const LOAD = 0

// biome-ignore lint/complexity/noBannedTypes: whatever can be called.
export type Callable = Function

export interface Keeper {
  /** @throws TypeError when no function may cross */
  keepFunction(callable: Callable): number
  /** @throws TypeError when no signal may cross */
  keepSignal(signal: AbortSignal): number
}

const DEEPEST = 64

/** @throws TypeError for what contains itself or is nested too deeply, and what the keeper refuses */
export function pack(value: unknown, keeper: Keeper): Packed {
  const functions: [Place, number][] = []
  const signals: [Place, number][] = []
  const walk = (each: unknown, place: Place): unknown => {
    if (place.length > DEEPEST)
      throw new TypeError('A value that is nested too deeply, or contains itself, cannot cross.')
    if (typeof each === 'function') return void functions.push([place, keeper.keepFunction(each)])
    if (each instanceof AbortSignal) return void signals.push([place, keeper.keepSignal(each)])
    if (Array.isArray(each)) return each.map((item, index) => walk(item, [...place, String(index)]))
    if (!isWalked(each)) return each
    return Object.fromEntries(membersOf(each).map(([name, member]) => [name, walk(member, [...place, name])]))
  }
  return { value: walk(value, []), functions, signals }
}

/** Objects and instances of classes; dates, maps, buffers and errors are cloned as they are. */
const isWalked = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && ['[object Object]', '[object Module]'].includes(tagOf(value))

const tagOf = (value: object): string => Object.prototype.toString.call(value)

/** Its own members and the methods of its class, bound to it. */
function membersOf(value: object): readonly (readonly [string, unknown])[] {
  const members = new Map<string, unknown>(Object.entries(value).map(([name, each]) => [name, bound(each, value)]))
  for (
    let type = Object.getPrototypeOf(value);
    type !== null && type !== Object.prototype;
    type = Object.getPrototypeOf(type)
  )
    for (const [name, { value: method }] of Object.entries(Object.getOwnPropertyDescriptors(type)))
      if (name !== 'constructor' && !members.has(name) && typeof method === 'function')
        members.set(name, bound(method, value))
  return [...members].filter(([name]) => name !== '__proto__')
}

const bound = (member: unknown, owner: object): unknown =>
  typeof member === 'function' && !isClass(member) ? (...args: readonly unknown[]) => member.apply(owner, args) : member

const isClass = (callable: Callable): boolean => /^class\b/.test(Function.prototype.toString.call(callable))

/** Calls a function; a class makes one of its kind. `this` of anything else was bound before. */
export const make = (callable: Callable, args: readonly unknown[]): unknown =>
  isClass(callable) ? Reflect.construct(callable, [...args]) : callable(...args)

export interface Stands {
  functionFor(id: number): Callable
  signalFor(id: number): AbortSignal
}

export function unpack({ value, functions, signals }: Packed, stands: Stands): unknown {
  const root = { value }
  for (const [place, id] of functions) put(root, place, stands.functionFor(id))
  for (const [place, id] of signals) put(root, place, stands.signalFor(id))
  return root.value
}

/** The clone is ours alone: nobody else has seen it yet. */
function put(root: { value: unknown }, place: Place, stand: unknown): void {
  const path = ['value', ...place]
  const owner = path.slice(0, -1).reduce<unknown>((each, name) => (each as Record<string, unknown>)[name], root)
  Object.defineProperty(owner, path.at(-1) ?? '', {
    value: stand,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}

const LONGEST = 2_000

/** Name, text and code; never stack, cause or data, in which secrets may be. */
export function packError(error: unknown): PackedError {
  const { name, code } = error instanceof Error ? (error as Error & { code?: unknown }) : { name: 'Error', code: null }
  return {
    name: String(name).slice(0, 100),
    message: messageOf(error).slice(0, LONGEST),
    code: typeof code === 'string' ? code.slice(0, 100) : null,
  }
}

export function unpackError({ name, message, code }: PackedError): Error {
  const error = new Error(message)
  error.name = name
  return code === null ? error : Object.assign(error, { code })
}
