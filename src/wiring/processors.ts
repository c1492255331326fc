/**
 * The processors an instance begins with: those of its plug-ins and of its configuration, with what was set at run time.
 */
import type { Sealer } from '../access/sealer.js'
import type { TypeCatalogue } from '../event/catalogue.js'
import type { ResourceTypes } from '../event/resource-types.js'
import { httpProcessor } from '../pipeline/http-processor.js'
import { LineUp } from '../pipeline/line-up.js'
import type { Processor } from '../pipeline/processor.js'
import { Processors } from '../pipeline/processors.js'
import type { Plugin } from '../plugin.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Store } from '../store/port.js'
import type { Config } from './config/schema.js'
import { knownTypesOf, sealsOfProcessors } from './parts.js'

interface Parts {
  readonly plugins: readonly Plugin[]
  /** Of these, those whose processors never change. */
  readonly program: readonly Plugin[]
  readonly config: Pick<Config, 'processors' | 'httpProcessors'>
  readonly catalogue: TypeCatalogue
  readonly resourceTypes: ResourceTypes
  readonly store: Store
  readonly sealer: Sealer
  /** How processors in other processes are asked. */
  readonly http: Parameters<typeof httpProcessor>[1]
  openTypes(tenant: string): boolean | Promise<boolean>
  audit(entry: AuditEntry): Promise<void>
  now(): number
}

/** All that a plug-in brings, those in other processes among them. */
export const processorsOf = (
  { processors = [], httpProcessors = [] }: Plugin,
  http: Parts['http'],
): readonly Processor[] => [...processors, ...httpProcessors.map((each) => httpProcessor(each, http))]

/** @throws InvalidInput for a processor or a setting that is wrong; Unavailable when the store cannot be read. */
export async function processorsFrom(parts: Parts): Promise<{ lineUp: LineUp; processors: Processors }> {
  const { plugins, program, config, catalogue, resourceTypes, http, store, openTypes, audit, now } = parts
  const lineUp = new LineUp((type) => catalogue.lineage(type), knownTypesOf(catalogue, resourceTypes))
  for (const processor of program.flatMap((plugin) => plugin.processors ?? [])) lineUp.register(processor)
  const declared = Object.entries(config.httpProcessors).map(([name, each]) => ({ ...each, name }))
  for (const each of [...program.flatMap((plugin) => plugin.httpProcessors ?? []), ...declared])
    lineUp.register(httpProcessor(each, http))
  for (const [name, setting] of Object.entries(config.processors)) lineUp.setFromFile(name, setting)
  const processors = new Processors({
    ...{ lineUp, store: store.processors, openTypes, audit, now },
    typeNames: () => catalogue.list().map(({ name }) => name),
    refusing: () => catalogue.list().flatMap(({ name, asynchronous }) => (asynchronous === false ? [name] : [])),
    predefined: plugins.flatMap(({ name: origin, predefined = [] }) => predefined.map((each) => ({ ...each, origin }))),
    sealer: sealsOfProcessors(parts.sealer),
  })
  await processors.load()
  return { lineUp, processors }
}
