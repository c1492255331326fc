/**
 * The query protocol: a form whose names are paths (`MessageAttributes.entry.1.Value.DataType`), read into the shape that
 * the JSON protocol has, so that both are one to the operations.
 */
import { AwsError } from './aws-error.js'
import type { Json } from './parameters.js'

const MOST_FIELDS = 10_000

/** What names the call and its signature, and is no parameter. */
const ENVELOPE = /^(Action|Version|Expires|Timestamp|AWSAccessKeyId|Signature.*|X-Amz-.*)$/

/** A list without a name of its own in the query protocol, as the JSON protocol calls it. */
const LISTS: Readonly<Record<string, string>> = {
  AttributeName: 'AttributeNames',
  MessageAttributeName: 'MessageAttributeNames',
  MessageSystemAttributeName: 'MessageSystemAttributeNames',
  TagKey: 'TagKeys',
  ActionName: 'Actions',
  SendMessageBatchRequestEntry: 'Entries',
  DeleteMessageBatchRequestEntry: 'Entries',
  ChangeMessageVisibilityBatchRequestEntry: 'Entries',
}

/** Lists of names and values, which are maps in the JSON protocol. */
const MAPS: Readonly<Record<string, string>> = {
  Attribute: 'Attributes',
  Attributes: 'Attributes',
  MessageAttribute: 'MessageAttributes',
  MessageAttributes: 'MessageAttributes',
  MessageSystemAttribute: 'MessageSystemAttributes',
  Tag: 'Tags',
  Tags: 'Tags',
}

export interface Form {
  readonly action: string
  readonly fields: Json
}

/** @param service says what some names mean. @throws AwsError */
export function readForm(text: string, service: 'sqs' | 'sns'): Form {
  const pairs = [...new URLSearchParams(text)]
  if (pairs.length > MOST_FIELDS) throw new AwsError('InvalidParameterValue', 'The form has too many fields.')
  if (pairs.filter(([name]) => name === 'Action').length > 1)
    throw new AwsError('InvalidParameterValue', 'The form names two actions.')
  const root: Node = new Map()
  for (const [name, value] of pairs) if (!ENVELOPE.test(name)) put(root, name.split('.'), value)
  const action = pairs.find(([name]) => name === 'Action')?.[1] ?? ''
  return { action, fields: shaped(root, service) }
}

type Node = Map<string, Node | string>

const DEEPEST = 8

function put(root: Node, path: readonly string[], value: string): void {
  if (path.length > DEEPEST) throw new AwsError('InvalidParameterValue', 'A name of the form has too many parts.')
  let node = root
  for (const part of path.slice(0, -1)) {
    const next = node.get(part)
    const child: Node = next instanceof Map ? next : new Map()
    node.set(part, child)
    node = child
  }
  node.set(path.at(-1) ?? '', value)
}

const shaped = (node: Node, service: 'sqs' | 'sns'): Json =>
  Object.fromEntries([...node].map(([name, child]) => named(name, child, service)))

function named(name: string, child: Node | string, service: 'sqs' | 'sns'): [string, unknown] {
  if (Object.hasOwn(MAPS, name) && child instanceof Map) return [MAPS[name] ?? name, mapOf(listOf(child), service)]
  if (service === 'sqs' && Object.hasOwn(LISTS, name)) return [LISTS[name] ?? name, valueIn(child, service)]
  if (service === 'sqs' && name === 'AWSAccountId') return ['AWSAccountIds', valueIn(child, service)]
  return [name, valueIn(child, service)]
}

/** `X.member.1`, `X.entry.1` and `X.1` are lists. */
function valueIn(node: Node | string, service: 'sqs' | 'sns'): unknown {
  if (typeof node === 'string') return node
  const list = listOf(node)
  return list ? list.map((each) => valueIn(each, service)) : shaped(node, service)
}

function listOf(node: Node): readonly (Node | string)[] | null {
  const wrapped = node.get('member') ?? node.get('entry')
  if (wrapped instanceof Map && node.size === 1) return listOf(wrapped)
  const numbered = [...node].filter(([name]) => /^\d{1,5}$/.test(name))
  if (numbered.length !== node.size || node.size === 0) return null
  return numbered.sort(([one], [other]) => Number(one) - Number(other)).map(([, child]) => child)
}

function mapOf(list: readonly (Node | string)[] | null, service: 'sqs' | 'sns'): Json {
  const entries = (list ?? []).map((each): [string, unknown] => {
    const get = (...names: readonly string[]) =>
      each instanceof Map ? names.map((name) => each.get(name)).find((value) => value !== undefined) : undefined
    const name = get('Name', 'Key', 'key')
    const value = get('Value', 'value')
    if (typeof name !== 'string') throw new AwsError('InvalidParameterValue', 'An entry of a map has no name.')
    return [name, value === undefined ? '' : valueIn(value, service)]
  })
  return Object.fromEntries(entries)
}
