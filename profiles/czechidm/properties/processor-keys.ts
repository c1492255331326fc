/**
 * `idm.sec.<module>.processor.<name>.<property>`: a processor's setting. Its name here is `<module>:<name>`.
 */
import { type Imported, MOST_ORDER, type PredefinedProcessor } from '../../../src/index.js'
import { looksSecret } from '../../secrets.js'
import { typesOf } from '../catalogue.js'
import { predefinedProcessor } from '../predefined/index.js'
import { flagIn, mapped, type Outcome, refused, taken } from './outcome.js'

const KEY = /^idm\.sec\.([^.]+)\.processor\.([^.]+)\.(.+)$/
const NAME = /^[\w.:-]{1,128}$/
const OPTION = /^(?!(?:__proto__|constructor|prototype)$)[\w.-]{1,128}$/

export const isProcessorKey = (key: string): boolean => /^idm\.sec\.[^.]+\.processor\./.test(key)

interface Named {
  readonly name: string
  /** Undefined: none of those CzechIdM ships. */
  readonly known: PredefinedProcessor | undefined
}

export function processorKey(key: string, value: string): Outcome {
  const [, module = '', processor = '', property = ''] = KEY.exec(key) ?? []
  const name = `${module}:${processor}`
  if (property === '' || !NAME.test(name)) return refused('it names no processor and property')
  // Spring replaces these when it starts; what they stand for is not in the file.
  if (value.includes('${')) return refused('it holds a placeholder: write the value itself')
  const known = predefinedProcessor(module, processor)
  const outcome = settingOf({ name, known }, property, value)
  return known || outcome.outcome === 'refused' ? outcome : waiting(outcome, name)
}

const waiting = (outcome: Outcome, name: string): Outcome => ({
  ...outcome,
  outcome: 'unknown',
  remark: [outcome.remark, `CzechIdM ships no ${name}: it is kept for yours of that name, registered or not yet`]
    .filter((remark) => remark !== null)
    .join('; '),
})

function settingOf(named: Named, property: string, value: string): Outcome {
  if (property === 'enabled') return enabled(named, value)
  if (property === 'order') return order(named, value)
  if (property === 'eventTypes') return eventTypes(named, value)
  return option(named, property, value)
}

const setting = (name: string, processor: Imported['processors'][string]): Pick<Outcome, 'processors'> => ({
  processors: { [name]: processor },
})

function enabled({ name, known }: Named, value: string): Outcome {
  const flag = flagIn(value)
  if (flag === undefined) return refused('its value is neither true nor false')
  if (!flag && known?.disableable === false) return refused('it cannot be disabled: CzechIdM ignores this key as well')
  return { ...taken(`processors.${name}.enabled = ${flag}`), ...setting(name, { enabled: flag }) }
}

function order({ name }: Named, value: string): Outcome {
  const number = /^\s*[+-]?\d{1,10}\s*$/.test(value) ? Number(value) : Number.NaN
  if (!(Math.abs(number) <= MOST_ORDER))
    return refused(`its value is no whole number from ${-MOST_ORDER} to ${MOST_ORDER}`)
  return {
    ...mapped(
      `processors.${name}.order = ${number}`,
      'CzechIdM shows this order and never reads it; here it is obeyed',
    ),
    ...setting(name, { order: number }),
  }
}

function eventTypes({ name, known }: Named, value: string): Outcome {
  const named = value.split(',').map((type) => type.trim())
  const wanted = named.filter((type) => type !== '')
  if (wanted.length === 0) return refused('it names no event type')
  if (!known)
    return refused(`what ${name} is about is not known: \`tocsin processors types\` sets them once it is registered`)
  const entity = known.resourceType.slice('czechidm.'.length)
  const types = [...new Set(typesOf(entity, wanted))]
  if (types.length === 0) return refused(`no entity that is a ${entity} has such an event type`)
  return {
    ...mapped(`processors.${name}.types = ${types.join(', ')}`, remarkOn(entity, types)),
    ...setting(name, { types }),
  }
}

function remarkOn(entity: string, types: readonly string[]): string {
  const shared = types.filter((type) => type.split('.').length < 3)
  const more = shared.map((type) => `; ${type} is also what entities nobody named are told as`).join('')
  return `event types have the entity in their name here: ${entity}${more}`
}

function option({ name }: Named, property: string, value: string): Outcome {
  if (!OPTION.test(property)) return refused('its name cannot be that of an option here')
  if (looksSecret(property) || holdsSecret(value))
    return refused('it looks like a secret, and options are shown to whoever may list processors')
  return {
    ...taken(`processors.${name}.options.${property}`),
    ...setting(name, { options: { [property]: flagIn(value) ?? value } }),
  }
}

/** A key in PEM, or a password inside a URL. */
const holdsSecret = (value: string): boolean => /-----BEGIN |:\/\/[^/\s@]*:[^/\s@]*@/.test(value)
