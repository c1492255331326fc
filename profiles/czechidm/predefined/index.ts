/**
 * The 320 processors that CzechIdM 13.0 ships, with the order, event types and rights its source gives them: facts, in our
 * words. None of them runs here.
 */
import type { PredefinedProcessor } from '../../../src/index.js'
import { ACC } from './acc.js'
import { CORE } from './core.js'
import { readProcessors } from './read.js'
import { IC, RPT, VS } from './small-modules.js'

/** By module, then by entity and order. */
export const predefinedProcessors: readonly PredefinedProcessor[] = [
  ...readProcessors('core', CORE),
  ...readProcessors('acc', ACC),
  ...readProcessors('vs', VS),
  ...readProcessors('rpt', RPT),
  ...readProcessors('ic', IC),
]

const byName: ReadonlyMap<string, PredefinedProcessor> = new Map(
  predefinedProcessors.map((processor) => [processor.name, processor]),
)

/** Names repeat across modules: both together find one. */
export const predefinedProcessor = (module: string, name: string): PredefinedProcessor | undefined =>
  byName.get(`${module}:${name}`)
