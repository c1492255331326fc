/**
 * CzechIdM's `.properties` files: the event engine and its processors. Whatever else such a file sets is passed over.
 */
import type { Imported, ImportedKey, Importer } from '../../../src/index.js'
import { decodeProperties, readProperties } from '../../java-properties.js'
import { engineKey, isEngineKey } from './engine-keys.js'
import type { Outcome } from './outcome.js'
import { isProcessorKey, processorKey } from './processor-keys.js'

export const importer: Importer = {
  name: 'czechidm-properties',
  title: 'CzechIdM configuration properties',
  read: (file) => propertiesToSettings(decodeProperties(file)),
}

/** @throws InvalidInput where Java would refuse the whole file */
export function propertiesToSettings(text: string): Imported {
  const properties = readProperties(text)
  const read = properties.filter(({ key }) => isEngineKey(key) || isProcessorKey(key))
  const outcomes = read.map(({ key, line, value }) => ({ key, line, outcome: outcomeOf(key, value) }))
  return {
    processors: merged(outcomes.flatMap(({ outcome }) => Object.entries(outcome.processors ?? {}))),
    processing: Object.assign({}, ...outcomes.map(({ outcome }) => outcome.processing)),
    keys: outcomes.map(({ key, line, outcome }) => told(key, line, outcome)),
    others: properties.length - read.length,
  }
}

const outcomeOf = (key: string, value: string): Outcome =>
  isProcessorKey(key) ? processorKey(key, value) : engineKey(key, value)

const told = (key: string, line: number, { outcome, becomes, remark }: Outcome): ImportedKey => ({
  key,
  line,
  outcome,
  becomes,
  remark,
})

type Setting = Imported['processors'][string]

/** The settings of one processor together, its options too. */
function merged(settings: readonly (readonly [string, Setting])[]): Imported['processors'] {
  const processors = new Map<string, Setting>()
  for (const [name, setting] of settings) {
    const before = processors.get(name)
    const options = { ...before?.options, ...setting.options }
    processors.set(name, { ...before, ...setting, ...(Object.keys(options).length > 0 && { options }) })
  }
  return Object.fromEntries(processors)
}
