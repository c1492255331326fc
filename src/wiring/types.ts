/**
 * The types that an instance knows, native ones and those of its plug-ins, and how callers read them.
 */
import { type Principal, requireScope } from '../access/principal.js'
import { NotFound } from '../errors.js'
import { TypeCatalogue } from '../event/catalogue.js'
import { NATIVE_TYPES } from '../event/native/all.js'
import { NATIVE_RESOURCE_TYPES, ResourceTypes } from '../event/resource-types.js'
import type { Plugin } from '../plugin.js'

/** @throws InvalidInput `invalid_config` for a type that is defined twice or badly. */
export function typesFrom(plugins: readonly Plugin[]) {
  const catalogue = new TypeCatalogue([...NATIVE_TYPES, ...plugins.flatMap((plugin) => plugin.catalogue ?? [])])
  const resourceTypes = new ResourceTypes([
    ...NATIVE_RESOURCE_TYPES,
    ...plugins.flatMap((plugin) => plugin.resourceTypes ?? []),
  ])
  return { catalogue, resourceTypes }
}

interface Types<Definition> {
  list(): readonly Definition[]
  get(name: string): Definition | undefined
}

/** @param what one of them is called when there is none of that name. */
export const readingTypes = <Definition>(types: Types<Definition>, what: string) => ({
  list(caller: Principal): readonly Definition[] {
    requireScope(caller, 'types:read')
    return types.list()
  },
  /** @throws NotFound */
  get(caller: Principal, name: string): Definition {
    requireScope(caller, 'types:read')
    const definition = types.get(name)
    if (!definition) throw new NotFound(what, name)
    return definition
  },
})
