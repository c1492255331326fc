/**
 * Holds one source's settings against the schema: what is unknown, what is of the wrong kind, where it was written.
 */
import ipaddr from 'ipaddr.js'
import { nearest as nearestWord } from '../../event/nearest.js'
import { isObject } from '../../json-object.js'
import { CONFIG_ROOT, type SchemaNode, SETTINGS } from './schema.js'

export type Path = readonly string[]

export interface Problem {
  /** Where it was written: `tocsin.yaml:3`, `TOCSIN_SERVER_PORT`, `--port`. */
  readonly origin: string
  /** `server.port` */
  readonly field: string
  readonly message: string
  /** What would be right. */
  readonly expected: string
}

/** The settings of one source, with the place each was written at. */
export interface Layer {
  readonly tree: unknown
  origin(path: Path): string
  /** The folder its relative file names start from. */
  readonly folder: string
}

/** Inherited names that must never be looked up or copied. */
const FORBIDDEN = ['__proto__', 'constructor', 'prototype']

/** Everything that is wrong in a layer, in the order in which it was written. */
export const problemsIn = (layer: Layer): readonly Problem[] => check(CONFIG_ROOT, layer.tree, [], layer)

function check(node: SchemaNode, value: unknown, path: Path, layer: Layer): readonly Problem[] {
  if (node.properties === undefined && node.patternProperties === undefined) return checkValue(node, value, path, layer)
  if (value === null && !isItem(path)) return []
  if (!isObject(value)) return [wrongKind(node, value, path, layer)]
  return Object.entries(value).flatMap(([name, child]) => {
    const childNode = childOf(node, name)
    return childNode ? check(childNode, child, [...path, name], layer) : [unknownKey(node, [...path, name], layer)]
  })
}

/** An empty item of a list is none, where an empty section says nothing. */
const isItem = (path: Path): boolean => /^\d+$/.test(path.at(-1) ?? '')

/** The schema of a key, if the object may have it. */
export function childOf(node: SchemaNode, name: string): SchemaNode | undefined {
  if (FORBIDDEN.includes(name)) return undefined
  if (node.properties) return Object.hasOwn(node.properties, name) ? node.properties[name] : undefined
  return Object.values(node.patternProperties ?? {})[0]
}

function checkValue(node: SchemaNode, value: unknown, path: Path, layer: Layer): readonly Problem[] {
  if (!fits(node, value)) return [wrongKind(node, value, path, layer)]
  if (!node.items || !Array.isArray(value)) return []
  const items = node.items
  return value.flatMap((item, index) => check(items, item, [...path, String(index)], layer))
}

function fits(node: SchemaNode, value: unknown): boolean {
  if (node.enum) return node.enum.includes(value)
  if (node.type === 'boolean') return typeof value === 'boolean'
  if (node.type === 'array') return Array.isArray(value)
  if (node.type === 'integer') return typeof value === 'number' && Number.isSafeInteger(value) && inRange(node, value)
  if (node.type === 'string') return typeof value === 'string' && fitsText(node, value)
  return true
}

const inRange = (node: SchemaNode, value: number): boolean =>
  value >= (node.minimum ?? Number.MIN_SAFE_INTEGER) && value <= (node.maximum ?? Number.MAX_SAFE_INTEGER)

const fitsText = (node: SchemaNode, text: string): boolean =>
  text.length >= (node.minLength ?? 0) &&
  text.length <= (node.maxLength ?? 4096) &&
  (node.pattern === undefined || new RegExp(node.pattern).test(text)) &&
  (!node.cidr || ipaddr.isValidCIDR(text))

/** What the schema wants, in words: `an integer from 0 to 65535`. */
export function inWords(node: SchemaNode): string {
  if (node.enum) return `one of ${node.enum.join(', ')}`
  if (node.properties || node.patternProperties) return 'a section with settings of its own'
  if (node.type === 'boolean') return 'true or false'
  if (node.items?.properties) return 'a list of sections'
  if (node.type === 'array') return node.items?.cidr ? 'a list of networks such as 10.0.0.0/8' : 'a list of texts'
  if (node.type === 'integer') return `an integer from ${node.minimum} to ${node.maximum}`
  if (node.pattern !== undefined) return `a text that fits ${node.pattern}`
  return node.cidr
    ? 'a network such as 10.0.0.0/8 or fd00::/8'
    : `a text of ${node.minLength ?? 0} to ${node.maxLength ?? 4096} characters`
}

function wrongKind(node: SchemaNode, value: unknown, path: Path, layer: Layer): Problem {
  const field = path.join('.') || 'the configuration'
  const expected = inWords(node)
  const given = node.writeOnly || node.url ? 'what was given (not shown: it may hold a secret)' : shown(value)
  return { origin: layer.origin(path), field, expected, message: `${field} must be ${expected}, not ${given}.` }
}

/** A value as an error shows it: its kind and at most forty characters. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a section'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  const short = text.length > 42 ? `${text.slice(0, 40)}…` : text
  return typeof value === 'string' ? `the text ${short}` : short
}

function unknownKey(node: SchemaNode, path: Path, layer: Layer): Problem {
  const field = path.join('.')
  const meant = suggestion(node, path)
  const expected = meant ?? `one of ${Object.keys(node.properties ?? {}).join(', ') || 'the names of processors'}`
  const advice = meant === null ? `It knows ${expected}.` : `Did you mean ${meant}?`
  return { origin: layer.origin(path), field, expected, message: `${field} is not a setting. ${advice}` }
}

/** The setting that was probably meant: a sibling spelt alike, else the same name in another section. */
function suggestion(node: SchemaNode, path: Path): string | null {
  const name = path.at(-1) ?? ''
  const sibling = nearest(name, Object.keys(node.properties ?? {}))
  if (sibling !== null) return [...path.slice(0, -1), sibling].join('.')
  return SETTINGS.find(({ path: known }) => plain(known.split('.').at(-1) ?? '') === plain(name))?.path ?? null
}

const plain = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase()

/** The candidate spelt most alike, whatever its case and however its words are joined. */
export function nearest(name: string, candidates: readonly string[]): string | null {
  const meant = nearestWord(plain(name), candidates.map(plain))
  return candidates.find((candidate) => plain(candidate) === meant) ?? null
}
