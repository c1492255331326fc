/**
 * Resources found by RQL, among those that the caller sees.
 */
import { type Hub, InvalidInput, type PageRequest, type Principal, type Resource } from '../../src/index.js'
import { every } from '../every.js'
import { applicationOf } from './caller.js'
import { viewOf } from './resource-body.js'
import { MOST_RESULTS, parseRql, type Query, valueAt } from './rql.js'
import { implementing } from './types.js'

type View = Readonly<Record<string, unknown>>

/** How many resources one query looks at: ours. */
const MOST_LOOKED_AT = 20_000

/** @throws InvalidInput for a query that cannot be read, or that would look at too much */
export async function search(hub: Hub, caller: Principal, text: string): Promise<readonly View[]> {
  const query = parseRql(text)
  const types = typesOf(hub, query)
  const found = (await seen(hub, caller, types)).map(viewOf).filter((view) => query.holds(view))
  return inOrder(found, query).slice(query.start, query.start + query.count)
}

/** Undefined: of every type. */
function typesOf(hub: Hub, { implementing: bases }: Query): readonly string[] | undefined {
  const [first, ...rest] = bases.map((base) => implementing(hub, base))
  return first?.filter((type) => rest.every((types) => types.includes(type)))
}

/** An application sees all of its own types, whoever owns them, besides what it sees as a resource. */
async function seen(hub: Hub, caller: Principal, types: readonly string[] | undefined): Promise<readonly Resource[]> {
  const application = await applicationOf(hub, caller)
  const own = Object.keys(application?.types ?? {}).filter((type) => types?.includes(type) ?? true)
  const all = await pages(hub, caller, types)
  const more = own.length === 0 ? [] : await pages(hub, { ...caller, resource: null }, own)
  return [...new Map([...all, ...more].map((each) => [each.id, each])).values()]
}

async function pages(hub: Hub, as: Principal, types: readonly string[] | undefined): Promise<readonly Resource[]> {
  if (types?.length === 0) return []
  const found: Resource[] = []
  let looked = 0
  const list = (page: PageRequest) => {
    if (looked >= MOST_LOOKED_AT) throw tooMany()
    looked += MOST_RESULTS
    return hub.resources.list(as, types === undefined ? {} : { types }, page)
  }
  for await (const each of every(list, MOST_RESULTS)) if (each.removedAt === null) found.push(each)
  return found
}

const tooMany = () =>
  new InvalidInput('invalid_request', 'The query would look at too many resources.', {
    field: 'query',
    expected: 'implementing(type) of a type with fewer',
  })

/** Numbers before texts, what is absent last; what is equal stays in the order of ids. */
function inOrder(views: readonly View[], { sort }: Query): readonly View[] {
  const byAll = (one: View, other: View): number => {
    for (const { path, down } of sort) {
      const order = compare(valueAt(one, path), valueAt(other, path))
      if (order !== 0) return down ? -order : order
    }
    return compare(valueAt(one, 'aps.id'), valueAt(other, 'aps.id'))
  }
  return [...views].sort(byAll)
}

function compare(one: unknown, other: unknown): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (rankOf(one) !== rankOf(other)) return rankOf(one) - rankOf(other)
  const [a, b] = [String(one), String(other)]
  return a === b ? 0 : a < b ? -1 : 1
}

const rankOf = (value: unknown): number =>
  value === undefined || value === null ? 2 : typeof value === 'number' ? 0 : 1
