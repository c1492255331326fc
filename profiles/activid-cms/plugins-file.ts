/**
 * eventnotificationplugins.properties: which plug-ins there are, and the class of each
 * (https://docs.hidglobal.com/activid-cms-v6.0/operator/api-sdk/event-notif/deploying-event-notif-plugin.htm):
 *
 *     plugins=IDMS,Mail
 *     IDMS.class=com.example.IdmsPlugin
 *     Mail.class=com.example.MailPlugin
 */
import { type Imported, type ImportedKey, type Importer, InvalidInput, type Registration } from '../../src/index.js'
import { decodeProperties, everyProperty, type Property } from '../java-properties.js'
import { isClassName, isPluginName, processorName } from './registrar.js'

export const importer: Importer = {
  name: 'activid-plugins',
  title: 'ActivID CMS event notification plug-ins (eventnotificationplugins.properties)',
  read: (file) => readPluginsFile(decodeProperties(file)),
}

const LIST = 'plugins'
const CLASS = '.class'

interface Entry extends ImportedKey {
  readonly registration?: Registration
}

/** @throws InvalidInput where Java would refuse the whole file, and where it is another file */
export function readPluginsFile(text: string): Imported {
  const properties = everyProperty(text)
  const inForce = new Map(properties.map((property) => [property.key, property]))
  const list = inForce.get(LIST)
  // Java would load none; here whatever is registered would go because somebody named the wrong file.
  if (list === undefined)
    throw new InvalidInput('invalid_request', `The file has no key ${LIST}.`, {
      field: LIST,
      expected: `${LIST}=NAME,NAME,...; ${LIST}= if there are none`,
    })
  const names = namesIn(list.value)
  const entries = properties.flatMap((property) => entriesOf(property, inForce, names))
  const missing = [...new Set(names)].filter((name) => isPluginName(name) && !inForce.has(name + CLASS))
  const { line } = list
  // In the order of the list, which is the order they are called in.
  const byName = new Map(
    entries.flatMap(({ registration }) => (registration ? [[registration.data, registration]] : [])),
  )
  const registrations = [...new Set(names)].flatMap((name) => byName.get(name) ?? [])
  return {
    processors: {},
    processing: {},
    keys: [
      ...entries.map(({ registration: _, ...key }) => key),
      ...missing.map((name) => refused({ key: name + CLASS, line }, 'the list names it, and it has no class')),
    ],
    others: 0,
    registrations: { system: 'activid-cms', registrations },
  }
}

const namesIn = (list: string): readonly string[] => list.split(',').map((name) => name.trim())

const refused = ({ key, line }: Pick<Property, 'key' | 'line'>, remark: string): Entry => ({
  ...{ key, line, outcome: 'refused', becomes: null, remark },
})

function entriesOf(
  property: Property,
  inForce: ReadonlyMap<string, Property>,
  names: readonly string[],
): readonly Entry[] {
  const { key } = property
  if (inForce.get(key) !== property)
    return [refused(property, `the key stands again in line ${inForce.get(key)?.line}, and the last one holds`)]
  if (key === LIST) return listEntries(property, names)
  if (key.endsWith(CLASS)) return [classEntry(property, names)]
  return [refused(property, `only ${LIST} and NAME${CLASS} are known here`)]
}

function listEntries(property: Property, names: readonly string[]): readonly Entry[] {
  const good = [...new Set(names)].filter(isPluginName)
  const bad = names.filter((name) => !isPluginName(name))
  const repeated = [...new Set(names.filter((name, index) => name !== '' && names.indexOf(name) !== index))]
  const { key, line } = property
  return [
    good.length === 0
      ? refused(property, 'it names no plug-in')
      : { key, line, outcome: 'taken', becomes: good.map(processorName).join(', '), remark: null },
    ...bad.map((name) =>
      refused(property, name === '' ? 'an empty name is passed over' : `${JSON.stringify(name)} is no name`),
    ),
    ...repeated.map((name) => refused(property, `${name} is named twice: there is one instance`)),
  ]
}

function classEntry(property: Property, names: readonly string[]): Entry {
  const { key, line } = property
  const name = key.slice(0, -CLASS.length)
  const of = property.value.trim()
  if (!names.includes(name)) return refused(property, `${LIST} does not list ${name}: it is not loaded`)
  if (!isPluginName(name)) return refused(property, `${JSON.stringify(name)} is no name`)
  if (!isClassName(of)) return refused(property, 'its value names no class')
  return {
    ...{ key, line, outcome: 'taken', becomes: `${processorName(name)} -> ${of}`, remark: null },
    registration: { class: of, data: name },
  }
}
