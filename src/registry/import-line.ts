/**
 * A line of an import, read strictly: a resource with its whole state, and links that begin at it.
 *
 *     {"id": "card-1", "type": "device", "owner": "ada", "status": "active", "properties": {}, "links": [{"relation": "holder", "to": "ada"}]}
 */
import { InvalidInput } from '../errors.js'
import { hint } from '../event/nearest.js'
import { isObject } from '../json-object.js'
import { checkName } from './change-input.js'
import type { ImportedLink, ImportedResource } from './import-store.js'

const MEMBERS = ['id', 'type', 'owner', 'status', 'properties', 'links'] as const
const OF_LINKS = ['relation', 'to', 'strong'] as const

/** Links that one line may have. */
const MOST_LINKS = 10_000

/** @throws InvalidInput `invalid_request` with the field, such as `links[2].to` */
export function readImportLine(line: number, value: unknown): ImportedResource {
  if (!isObject(value)) throw wrong('', 'The line is no object.', 'a JSON object')
  onlyMembers(value, MEMBERS, '')
  const { id, type, owner = null, status = null, properties = {}, links = [] } = value
  checkName('id', id)
  checkName('type', type)
  if (owner !== null) checkName('owner', owner)
  if (status !== null) checkName('status', status)
  if (!isObject(properties)) throw wrong('properties', 'The properties are no object.', 'a JSON object')
  if (!Array.isArray(links) || links.length > MOST_LINKS)
    throw wrong('links', 'The links are no list.', `a list of at most ${MOST_LINKS} links`)
  return {
    ...{ line, id, type, owner, status },
    properties: JSON.stringify(properties),
    links: links.map((link, place) => readLink(id, link, place)),
  }
}

function readLink(from: string, value: unknown, place: number): ImportedLink {
  const field = `links[${place}]`
  if (!isObject(value)) throw wrong(field, 'The link is no object.', 'relation, to and perhaps strong')
  onlyMembers(value, OF_LINKS, `${field}.`)
  const { relation, to, strong = false } = value
  checkName(`${field}.relation`, relation)
  checkName(`${field}.to`, to)
  if (to === from) throw wrong(`${field}.to`, 'A resource cannot be linked with itself.', 'another resource')
  if (typeof strong !== 'boolean') throw wrong(`${field}.strong`, 'This is neither true nor false.', 'true or false')
  return { place, relation, to, strong }
}

function onlyMembers(value: object, known: readonly string[], place: string): void {
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue
    throw wrong(`${place}${name}`, `There is no member ${JSON.stringify(name)}.${hint(name, known)}`, known.join(', '))
  }
}

const wrong = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { ...(field !== '' && { field }), expected })
