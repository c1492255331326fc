/**
 * Lines of an import as changes: each is judged, becomes events, and is told to who may see it.
 */
import type { Principal } from '../access/principal.js'
import { InvalidInput, isTocsinError } from '../errors.js'
import type { JsonObject } from '../json-object.js'
import type { Resource, ResourceChange } from './change.js'
import type { ImportReport } from './import-report.js'
import { type AwaitedLink, added, type ImportedResource, NOTHING_DONE, type Tally } from './import-store.js'
import { patchBetween } from './patch.js'

/** What the registry does. */
export interface Changes {
  /** @throws NotFound */
  get(caller: Principal, id: string): Promise<Resource>
  /** May wait for its turn, until the signal. */
  change(
    caller: Principal,
    change: ResourceChange,
    signal?: AbortSignal,
  ): Promise<{ readonly receipts: readonly unknown[] }>
}

interface Changed {
  readonly done: Tally
  readonly awaited: readonly AwaitedLink[]
}

/** Resources first, side by side where their ids differ; then their links. */
export async function changeByLines(
  changes: Changes,
  caller: Principal,
  lines: readonly ImportedResource[],
  report: ImportReport,
): Promise<Changed> {
  const refused = new Set<ImportedResource>()
  const tallies = await Promise.all(
    byId(lines).map(async (ofOne) => {
      let tally = NOTHING_DONE
      for (const line of ofOne) {
        const outcome = await put(changes, caller, line).catch((error: unknown) => {
          report.tell(line.line, error)
          refused.add(line)
          return 'refused' as const
        })
        tally = added(tally, { ...NOTHING_DONE, [outcome]: 1 })
      }
      return tally
    }),
  )
  const linked = await Promise.all(
    lines.filter((line) => !refused.has(line)).map((line) => linkAll(changes, caller, line, report)),
  )
  return {
    done: [...tallies, ...linked.map(({ done }) => done)].reduce(added, NOTHING_DONE),
    awaited: linked.flatMap(({ awaited }) => awaited),
  }
}

function byId(lines: readonly ImportedResource[]): readonly (readonly ImportedResource[])[] {
  const groups = new Map<string, ImportedResource[]>()
  for (const line of lines) {
    const group = groups.get(line.id)
    if (group) group.push(line)
    else groups.set(line.id, [line])
  }
  return [...groups.values()]
}

async function put(
  changes: Changes,
  caller: Principal,
  { id, type, owner, status, properties }: ImportedResource,
): Promise<'created' | 'changed' | 'unchanged'> {
  const present = await find(changes, caller, id)
  const said = JSON.parse(properties) as JsonObject
  if (present === null) {
    await changes.change(caller, { do: 'create', id, type, owner, status, properties: said })
    return 'created'
  }
  if (present.type !== type)
    throw new InvalidInput('invalid_request', `The resource is there with the type ${JSON.stringify(present.type)}.`, {
      field: 'type',
      expected: present.type,
    })
  const patch = patchBetween(present.properties, said)
  const { receipts } = await changes.change(caller, { do: 'update', id, owner, status, properties: patch })
  return receipts.length === 0 ? 'unchanged' : 'changed'
}

async function find(changes: Changes, caller: Principal, id: string): Promise<Resource | null> {
  try {
    const resource = await changes.get(caller, id)
    return resource.removedAt === null ? resource : null
  } catch (error) {
    if (isTocsinError(error) && error.code === 'not_found') return null
    throw error
  }
}

/** One after another, as each raises the revision of where it begins. */
async function linkAll(
  changes: Changes,
  caller: Principal,
  { id: from, line, links }: ImportedResource,
  report: ImportReport,
): Promise<Changed> {
  const awaited: AwaitedLink[] = []
  const counts = { links: 0, refused: 0 }
  for (const { place, relation, to, strong } of links) {
    try {
      const { receipts } = await changes.change(caller, { do: 'link', from, relation, to, strong })
      if (receipts.length > 0) counts.links += 1
    } catch (error) {
      if (isTocsinError(error) && error.code === 'not_found') {
        awaited.push({ line, place, from, relation, to, strong })
        continue
      }
      report.tell(line, error, `links[${place}]`)
      counts.refused += 1
    }
  }
  return { done: { ...NOTHING_DONE, ...counts }, awaited }
}
