/**
 * What CzechIdM's events are about, as resource types: `czechidm.Identity` and so on, with the base types its processors
 * are declared for. A processor for `czechidm.Entity` hears them all.
 */
import type { ResourceTypeDefinition } from '../../src/index.js'
import { ENTITIES } from './entities.js'

/** The resource type of an entity or base type. */
export const resourceTypeOf = (entity: string): string => `czechidm.${entity}`

/** The base of all. */
export const ANY_ENTITY = 'Entity'

/**
 * The classes that processors are declared for and that no event names, without `Abstract` and `Dto`; `AbstractDto` is
 * `Entity`. Ours: which entities implement them. The names of the processors declared for role assignments say
 * `identity-role` and `account-role`; EAV_SAVE is raised by what has extended attributes; of the synchronisation
 * configurations no class is proven, so their events come as those of an unknown entity.
 */
const BASES: ReadonlyMap<string, (entity: string, types: readonly string[]) => boolean> = new Map([
  ['Formable', (_entity: string, types: readonly string[]) => types.includes('EAV_SAVE')],
  ['RoleAssignment', (entity: string) => ['IdentityRole', 'AccAccountRoleAssignment'].includes(entity)],
  ['SyncConfig', () => false],
])

/** The base types of an entity, the nearest first. */
const basesOf = (entity: string, types: readonly string[]): readonly string[] => [
  ...[...BASES].filter(([, holds]) => holds(entity, types)).map(([base]) => base),
  ANY_ENTITY,
]

/** The named entities that implement a base type. */
export const entitiesOf = (base: string): readonly string[] =>
  [...ENTITIES].filter(([entity, types]) => basesOf(entity, types).includes(base)).map(([entity]) => entity)

/** A base type that entities nobody named implement as well. */
export const meansOthers = (base: string): boolean => base === ANY_ENTITY || entitiesOf(base).length === 0

export const resourceTypes: readonly ResourceTypeDefinition[] = [
  { name: resourceTypeOf(ANY_ENTITY), title: 'Anything CzechIdM raises events about' },
  ...[...BASES.keys()].map((base) => ({ name: resourceTypeOf(base), implements: [resourceTypeOf(ANY_ENTITY)] })),
  ...[...ENTITIES].map(([entity, types]) => ({
    name: resourceTypeOf(entity),
    implements: basesOf(entity, types).map(resourceTypeOf),
  })),
]
