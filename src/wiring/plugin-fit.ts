/**
 * Whether a plug-in fits beside those that are there: names that clash, types and processors that are wrong, and what a running
 * instance takes up no more.
 */
import { isDeepStrictEqual } from 'node:util'
import { Conflict, InvalidInput } from '../errors.js'
import { NATIVE_TYPES } from '../event/native/all.js'
import { NATIVE_RESOURCE_TYPES } from '../event/resource-types.js'
import { BUILT_IN_FORMATS } from '../formats/built-in.js'
import { httpProcessor } from '../pipeline/http-processor.js'
import { LineUp } from '../pipeline/line-up.js'
import type { Plugin } from '../plugin.js'
import type { Transport } from '../transports/transport.js'
import { transportsOf } from '../transports/transports.js'
import type { Config } from './config/schema.js'
import { knownTypesOf } from './parts.js'
import { typesFrom } from './types.js'

export interface Owned {
  /** Who brings it, as an error names it: `Tocsin itself`, `the plug-in acme (plugins[0], ./acme.mjs)`. */
  readonly owner: string
  readonly plugin: Plugin
}

type Http = Parameters<typeof httpProcessor>[1]

/**
 * @throws Conflict `already_exists` with both owners; whatever refuses a type, a processor or a transport of it
 */
export function checkFit(there: readonly Owned[], candidate: Owned, http: Http): void {
  refuseClash(there, candidate)
  const before = there.map(({ plugin }) => plugin).filter(({ name }) => name !== OURSELVES)
  const { catalogue, resourceTypes } = typesFrom([...before, candidate.plugin])
  refuseOurPaths(candidate.plugin)
  transportsOf(candidate.plugin.transports ?? [])
  const lineUp = new LineUp((type) => catalogue.lineage(type), knownTypesOf(catalogue, resourceTypes))
  for (const each of candidate.plugin.processors ?? []) lineUp.register(each)
  for (const each of candidate.plugin.httpProcessors ?? []) lineUp.register(httpProcessor(each, http))
}

/** What is there besides plug-ins; no plug-in may be called like Tocsin. */
export const ourselves = (transports: readonly Transport[], { httpProcessors }: Pick<Config, 'httpProcessors'>) => [
  {
    owner: 'Tocsin itself',
    plugin: { name: OURSELVES, transports, formats: BUILT_IN_FORMATS, ...NATIVE },
  },
  {
    owner: 'the configuration',
    plugin: {
      name: OURSELVES,
      httpProcessors: Object.entries(httpProcessors).map(([name, each]) => ({ ...each, name })),
    },
  },
]

const OURSELVES = 'tocsin'
const NATIVE = { catalogue: NATIVE_TYPES, resourceTypes: NATIVE_RESOURCE_TYPES }

/** What the server answers itself, besides what begins with /v1. */
const OUR_PATHS = ['/healthz', '/readyz', '/metrics', '/openapi.json', '/problems/:code']

function refuseOurPaths({ routes = [] }: Plugin): void {
  const wrong = routes.find(({ path }) => !/^\/(?!v1(\/|$)).+/.test(path) || OUR_PATHS.includes(path))
  if (wrong === undefined) return
  throw new InvalidInput('invalid_config', `It brings the path ${JSON.stringify(wrong.path)}, which is ours or none.`, {
    field: 'routes',
    expected: `a path that begins with a slash, not with /v1, and is none of ${OUR_PATHS.join(', ')}`,
  })
}

function refuseClash(there: readonly Owned[], { owner, plugin }: Owned): void {
  const taken = new Map(there.flatMap((each) => thingsOf(each.plugin).map((thing) => [thing, each.owner] as const)))
  const thing = thingsOf(plugin).find((each) => taken.has(each))
  if (thing === undefined) return
  const message = `${owner} brings the ${thing}, which ${taken.get(thing)} brings already.`
  throw new Conflict('already_exists', message, { data: { thing, owners: [taken.get(thing), owner] } })
}

interface Named {
  readonly name: string
}

function thingsOf(plugin: Plugin): readonly string[] {
  const { catalogue, resourceTypes, translators, formats, transports, madeTransports, importers, registrars } = plugin
  const named = (what: string, list: readonly Named[] = []) => list.map(({ name }) => `${what} ${name}`)
  return [
    `plug-in ${plugin.name}`,
    ...named('processor', plugin.processors),
    ...named('processor', plugin.httpProcessors),
    ...named('event type', catalogue),
    ...named('resource type', resourceTypes),
    ...named('translator', translators),
    ...named('format', formats),
    ...named('transport', transports),
    ...named('transport', madeTransports),
    ...named('importer', importers),
    ...named('registrar', registrars),
    ...(plugin.routes ?? []).map(({ method, path }) => `route ${method} ${path}`),
  ]
}

/** What other parts of the instance have taken up for good at its start. */
const FIXED = [
  'catalogue',
  'resourceTypes',
  'predefined',
  'formats',
  'transports',
  'madeTransports',
  'routes',
  'registrars',
] as const
/** Of these, data alone: the same again changes nothing. */
const COMPARED: readonly string[] = ['catalogue', 'resourceTypes', 'predefined']

/**
 * Of a plug-in that takes the place of one while the instance runs.
 * @param at the entry and its module, for the error
 * @throws Conflict `wrong_state`
 */
export function refuseFixed(
  old: Plugin | undefined,
  fresh: Plugin | undefined,
  at: { field: string; module: string },
): void {
  const member = FIXED.find((each) => {
    const [before = [], now = []] = [old?.[each], fresh?.[each]]
    const isAlike = COMPARED.includes(each) && isDeepStrictEqual(before, now)
    return (before.length > 0 || now.length > 0) && !isAlike
  })
  if (member === undefined) return
  const message = `${at.field}: ${at.module} brings ${member}, which an instance takes up only when it starts.`
  throw new Conflict('wrong_state', message, { field: at.field, expected: 'a restart', data: { member } })
}
