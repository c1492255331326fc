/**
 * What a payload expression yields, as JSON: 64-bit integers become numbers, times RFC 3339 texts, durations
 * `3.5s`, bytes base64, as the JSON mapping of protocol buffers writes them.
 */
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { isObject, type JsonObject } from '../json-object.js'

const MAX_DEPTH = 64
/** Characters of JSON, about: a short expression can name the whole event many times. */
const MAX_SIZE = 1_048_576
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** What was yielded cannot be sent. */
export class PayloadProblem extends Error {}

/** @throws PayloadProblem */
export const toJsonValue = (value: unknown): unknown => new Writer().write(value, 0)

/** @throws PayloadProblem */
export function toJsonObject(value: unknown): JsonObject {
  const json = toJsonValue(value)
  if (isObject(json)) return json
  throw new PayloadProblem('it is not a map')
}

class Writer {
  #left = MAX_SIZE

  write(value: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new PayloadProblem(`it has more than ${MAX_DEPTH} levels`)
    switch (typeof value) {
      case 'string':
        return this.#pay(value, value.length + 2)
      case 'boolean':
        return this.#pay(value, 5)
      case 'number':
        return this.#pay(finite(value), 8)
      case 'bigint':
        return this.#pay(safe(value), 8)
      case 'object':
        return value === null ? this.#pay(null, 4) : this.#object(value, depth)
      default:
        throw new PayloadProblem('it holds a value that JSON has no form for')
    }
  }

  #object(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#list(value, depth)
    if (value instanceof Map) return this.#members([...value.entries()], depth)
    if (value instanceof UnsignedInt) return this.write(value.valueOf(), depth)
    if (value instanceof Date) return this.write(value.toISOString(), depth)
    if (value instanceof Duration) return this.write(value.toString(), depth)
    if (value instanceof Uint8Array) return this.write(Buffer.from(value).toString('base64'), depth)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null) return this.#members(Object.entries(value), depth)
    throw new PayloadProblem('it holds a value that JSON has no form for')
  }

  #list(values: readonly unknown[], depth: number): readonly unknown[] {
    this.#pay(null, 2 + values.length)
    return values.map((value) => this.write(value, depth + 1))
  }

  #members(entries: readonly (readonly [unknown, unknown])[], depth: number): JsonObject {
    return Object.fromEntries(entries.map(([key, value]) => [this.#key(key), this.write(value, depth + 1)]))
  }

  #key(key: unknown): string {
    if (typeof key !== 'string' || FORBIDDEN_KEYS.has(key)) throw new PayloadProblem('a key of it is not allowed')
    return this.#pay(key, key.length + 4)
  }

  #pay<T>(value: T, size: number): T {
    this.#left -= size
    if (this.#left < 0) throw new PayloadProblem(`it is longer than ${MAX_SIZE} characters`)
    return value
  }
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value
  throw new PayloadProblem('it holds a number that is not finite')
}

function safe(value: bigint): number {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return number
  throw new PayloadProblem('it holds an integer beyond 2^53')
}
