/**
 * The section ClmNotifications of FIM CM's web.config: which class is told of which event, in which order.
 */
import { type Imported, type ImportedKey, type Importer, InvalidInput, type Registration } from '../../src/index.js'
import { elementsOf, type FoundElement, readXml } from '../xml.js'
import { kindOf, unknownKind } from './kinds.js'
import { classNameOf } from './registrar.js'

export const importer: Importer = {
  name: 'clm-notifications',
  title: 'FIM CM notification handlers (ClmNotifications in web.config)',
  read: readWebConfig,
}

/** The documentation's prose; the samples and this software write ClmNotifications. */
const PROSE = 'CLMNotifications'
const SECTION = 'ClmNotifications'
const ATTRIBUTES = ['event', 'class', 'initializationData']

interface Entry extends ImportedKey {
  readonly registration?: Registration
}

/** @throws InvalidInput `invalid_request` when it is no XML, has a DOCTYPE or entities of its own, or no such section */
export function readWebConfig(file: Uint8Array): Imported {
  const root = readXml(file, 'web.config')
  const all = elementsOf(root)
  const sections = all.filter(({ name }) => name === SECTION || name === PROSE)
  if (sections.length === 0)
    throw new InvalidInput('invalid_request', `web.config has no element ${SECTION}.`, {
      field: 'web.config',
      expected: `${SECTION} with the handlers; an empty one if there are none`,
    })
  const entries = sections.flatMap(entriesIn)
  // A section that only says where its entries are says nothing of who is registered.
  const isElsewhere = sections.every(
    ({ attributes, children }) => 'configSource' in attributes && children.length === 0,
  )
  const registrations = entries.flatMap(({ registration }) => registration ?? [])
  return {
    processors: {},
    processing: {},
    keys: withRepeats(entries).map(({ registration: _, ...key }) => key),
    others: all.filter(({ depth, name }) => depth === 1 && name !== SECTION && name !== PROSE).length,
    ...(!isElsewhere && { registrations: { system: 'fim-cm', registrations } }),
  }
}

function entriesIn(section: FoundElement): readonly Entry[] {
  const { line, name, attributes } = section
  const elsewhere = attributes.configSource
  const notes = [
    ...(elsewhere === undefined ? [] : [refused(section, `its entries are in ${elsewhere}: import that file`)]),
    ...(name === PROSE ? [note(line, name, `taken for ${SECTION}`)] : []),
  ]
  return [...notes, ...section.children.map(entryOf)]
}

const note = (line: number, key: string, remark: string): Entry => ({
  ...{ line, key, outcome: 'mapped', becomes: SECTION, remark },
})

const refused = ({ line, name, attributes }: FoundElement, remark: string): Entry => {
  const key = [name, attributes.event, attributes.class].filter((part) => part !== undefined).join(' ')
  return { key, line, outcome: 'refused', becomes: null, remark }
}

function entryOf(element: FoundElement): Entry {
  const { name, attributes, children, line } = element
  if (name !== 'add') return refused(element, 'only <add> is known in this section')
  const stranger = Object.keys(attributes).find((each) => !ATTRIBUTES.includes(each))
  if (stranger !== undefined)
    return refused(element, `it has an attribute ${stranger}: there are ${ATTRIBUTES.join(', ')}`)
  if (children.length > 0) return refused(element, 'it has elements inside')
  const { event, class: given, initializationData } = attributes
  if (event === undefined || event === '') return refused(element, 'it names no event')
  if (!kindOf(event)) return refused(element, unknownKind(event))
  const named = classNameOf(given ?? '')
  if (named.split(', ').some((part) => part === '')) return refused(element, 'it names no class')
  const remarks = [
    ...(initializationData === undefined ? ['without initializationData: initialize is given an empty text'] : []),
    ...(named.includes(', ') ? [] : ['the class names no assembly: the table of classes must have it like this']),
  ]
  return {
    ...{ key: `${event} ${given}`, line, outcome: 'taken', becomes: `${event} -> ${named}` },
    remark: remarks.length === 0 ? null : remarks.join('; '),
    registration: { event, class: named, data: initializationData ?? '' },
  }
}

/** The documentation says nothing of them; here each is an instance, called in its place. */
function withRepeats(entries: readonly Entry[]): readonly Entry[] {
  const lines = new Map<string, number>()
  return entries.map((entry) => {
    if (!entry.registration) return entry
    const text = JSON.stringify(entry.registration)
    const first = lines.get(text)
    if (first === undefined) {
      lines.set(text, entry.line)
      return entry
    }
    const remark = `the same as line ${first}: two instances, each is called`
    return { ...entry, remark: entry.remark === null ? remark : `${entry.remark}; ${remark}` }
  })
}
