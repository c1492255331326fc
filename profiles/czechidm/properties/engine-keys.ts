/**
 * The keys of CzechIdM's event engine itself: two switches are the same here, the rest tunes what there is none of.
 */
import type { Imported } from '../../../src/index.js'
import { flagIn, type Outcome, refused, taken } from './outcome.js'

type Switch = keyof Imported['processing']

const SWITCHES: Readonly<Record<string, Switch>> = {
  'idm.sec.core.event.asynchronous.enabled': 'asynchronous',
  'idm.sec.core.event.asynchronous.stopProcessing': 'stopped',
}

const NO_POLL = 'nothing is polled here: work begins when its event is committed'
const NO_POOL =
  'there is no thread pool here; processing.concurrency in the configuration file says how much runs at once'

const REFUSED: Readonly<Record<string, string>> = {
  'idm.sec.core.event.asynchronous.instanceId':
    'no instance is chosen here: a process takes work under a lease, and what it leaves behind is rescued',
  'idm.sec.core.event.asynchronous.batchSize':
    'nothing is taken in bulks here, and duplicates are removed in the whole queue; processing.concurrency in the configuration file says how much runs at once',
  'scheduler.event.queue.process': NO_POLL,
  'scheduler.event.executor.corePoolSize': NO_POOL,
  'scheduler.event.executor.maxPoolSize': NO_POOL,
  'scheduler.event.executor.queueCapacity': 'what waits is in the database, however much it is',
  'scheduler.event.executor.threadPriority': NO_POOL,
  'scheduler.enabled': 'it also switches tasks that are not about events; `tocsin processing stop` stops these',
  'idm.sec.core.init.data.enabled': 'it is about data that CzechIdM makes for itself when it starts',
}

export const isEngineKey = (key: string): boolean =>
  Object.hasOwn(REFUSED, key) || key.startsWith('idm.sec.core.event.') || key.startsWith('scheduler.event.')

export function engineKey(key: string, value: string): Outcome {
  const name = Object.hasOwn(SWITCHES, key) ? SWITCHES[key] : undefined
  if (name === undefined) return refused(REFUSED[key] ?? 'no such key of the engine is known')
  const flag = flagIn(value)
  return flag === undefined
    ? refused('its value is neither true nor false')
    : { ...taken(`processing.${name} = ${flag}`), processing: { [name]: flag } }
}
