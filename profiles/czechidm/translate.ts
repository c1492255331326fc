/**
 * One entity event of CzechIdM, as its REST API serves rows of `idm_entity_event`: `{ id, created, creator, ownerType, ownerId,
 * superOwnerId, eventType, properties, content, originalSource, executeDate, priority, parent, parentEventType, rootId,
 * transactionId, ... }`. What a row lacks is taken from its internal `idm:*` properties.
 *
 * The id is the row's id, so the same row always gives the same event; the row's state (closed, suspended, processed order,
 * result) is left out, as it changes while the event does not. A row without an id was never stored and gets a fresh one.
 */
import type { EventInput, Priority, Translator } from '../../src/index.js'
import { type Fields, present, Reader, wrong } from '../reader.js'
import { timestampOf, timestampOfMillis } from '../timestamp.js'
import { typeOf } from './catalogue.js'
import { entityOf } from './entities.js'
import { ownProperties, snapshot } from './snapshot.js'

export const translator: Translator = {
  name: 'czechidm',
  title: 'CzechIdM entity event',
  translate(message, context) {
    const row = Reader.message(message, 'an entity event { ownerType, ownerId, eventType, ... }')
    return [eventOf(row, row.optionalObject('properties'), context.source)]
  },
}

function eventOf(row: Reader, properties: Reader | undefined, source: string): EventInput {
  const id = row.optionalName('id') ?? properties?.optionalName('idm:event-id')
  const ownerId = row.name('ownerId', 'the id of the entity')
  const entity = entityOf(classIn(row))
  const eventType = row.name('eventType', 'the event type, such as CREATE')
  return present<EventInput>({
    id,
    source,
    type: typeOf(entity, eventType),
    subject: ownerId,
    time: optionalMoment(row, 'created'),
    actor: row.optionalName('creator') ?? row.optionalName('creatorId'),
    superOwner: superOwnerOf(row, properties, ownerId),
    ...familyOf(row, properties),
    ...urgencyOf(row, properties),
    skipNotify: flagged(properties, 'idm:skip-notify'),
    skipNotification: flagged(properties, 'idm:skip-notification'),
    data: dataOf(row, properties, { entity, eventType, ownerId }),
  })
}

const CLASS_NAME = /^(?:[\w$]+\.)*[\w$]+$/

function classIn(row: Reader): string {
  const name = row.name('ownerType', 'the class of the entity')
  return CLASS_NAME.test(name) ? name : refuse(row.at('ownerType'), 'the name of a class, with its package')
}

/** The row's super owner defaults to its owner, which is none. */
function superOwnerOf(row: Reader, properties: Reader | undefined, ownerId: string): string | undefined {
  const superOwner = row.optionalName('superOwnerId') ?? properties?.optionalName('idm:super-owner-id')
  return superOwner === ownerId ? undefined : superOwner
}

const familyOf = (row: Reader, properties: Reader | undefined) => ({
  transactionId: row.optionalName('transactionId') ?? properties?.optionalName('idm:transaction-id'),
  parentId:
    row.optionalName('parentId') ?? row.optionalName('parent') ?? properties?.optionalName('idm:parent-event-id'),
  rootId: row.optionalName('rootId') ?? properties?.optionalName('idm:root-event-id'),
  parentType: row.optionalName('parentEventType') ?? properties?.optionalName('idm:parent-event-type'),
})

/** CzechIdM heeds an execute date with HIGH and NORMAL only: an IMMEDIATE event does not wait. */
function urgencyOf(row: Reader, properties: Reader | undefined): Pick<EventInput, 'priority' | 'executeAt'> {
  const priority = priorityOf(row, 'priority') ?? (properties && priorityOf(properties, 'idm:priority'))
  const executeAt = optionalMoment(row, 'executeDate') ?? (properties && optionalMoment(properties, 'idm:execute-date'))
  return { priority, executeAt: priority === 'immediate' ? undefined : executeAt }
}

const PRIORITIES: Readonly<Record<string, Priority>> = { IMMEDIATE: 'immediate', HIGH: 'high', NORMAL: 'normal' }

function priorityOf(reader: Reader, name: string): Priority | undefined {
  const value = reader.optionalName(name)
  if (value === undefined) return undefined
  const priority = Object.hasOwn(PRIORITIES, value) ? PRIORITIES[value] : undefined
  return priority ?? refuse(reader.at(name), 'IMMEDIATE, HIGH or NORMAL')
}

/** As CzechIdM reads one: missing is false, text is parsed as Java does, anything else is wrong. Only true is told. */
function flagged(properties: Reader | undefined, name: string): true | undefined {
  const value = properties?.get(name)
  if (value === true || (typeof value === 'string' && value.toLowerCase() === 'true')) return true
  if (value === undefined || value === false || typeof value === 'string') return undefined
  return refuse(properties?.at(name) ?? name, 'true or false')
}

/** An ISO 8601 time, or milliseconds as a number, as Java's serialisers are set to write either. */
function optionalMoment(reader: Reader, name: string): string | undefined {
  const value = reader.get(name)
  if (value === undefined) return undefined
  const time = typeof value === 'number' ? timestampOfMillis(value) : timestampOf(reader.optionalName(name) ?? '')
  return time ?? refuse(reader.at(name), 'an ISO 8601 time, or milliseconds')
}

interface What {
  readonly entity: string
  readonly eventType: string
  readonly ownerId: string
}

const REQUESTS = ['RoleRequest', 'AutomaticRoleRequest', 'Request']

function dataOf(row: Reader, properties: Reader | undefined, { entity, eventType, ownerId }: What): Fields {
  const content = row.optionalObject('content')
  const original = row.optionalObject('originalSource') ?? properties?.optionalObject('idm:original-source')
  const own = ownProperties(properties)
  return present({
    id: ownerId,
    type: row.name('ownerType'),
    entity,
    eventType,
    creatorId: row.optionalName('creatorId'),
    userId: entity === 'Identity' ? ownerId : undefined,
    userName: entity === 'Identity' ? content?.optionalName('username') : undefined,
    requestId: REQUESTS.includes(entity) ? ownerId : undefined,
    properties: own && Object.keys(own).length > 0 ? own : undefined,
    before: snapshot(original),
    content: snapshot(content),
  })
}

function refuse(field: string, expected: string): never {
  throw wrong(field, expected)
}
