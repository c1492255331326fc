/**
 * `czechidm.Identity.CREATE` and the others: entity and event type as the product names them. Modules may invent entities and
 * types: an unknown entity's core types are `czechidm.CREATE` and so on, everything else is `czechidm.custom`; both tell the
 * names in `data.entity` and `data.eventType`.
 */
import type { JsonSchema, TypeDefinition } from '../../src/index.js'
import { caseOf } from '../definition.js'
import { ANY_OBJECT, NAME, record } from '../schema.js'
import { CORE_TYPES, ENTITIES } from './entities.js'
import { ANY_ENTITY, entitiesOf, meansOthers, resourceTypeOf } from './resource-types.js'

const DOCUMENTATION = 'https://wiki2.czechidm.com/9.5/adm/configuration/events'

const DATA: JsonSchema = record(
  {
    id: NAME,
    type: NAME,
    entity: NAME,
    eventType: NAME,
    creatorId: NAME,
    userId: NAME,
    userName: NAME,
    requestId: NAME,
    properties: ANY_OBJECT,
    before: ANY_OBJECT,
    content: ANY_OBJECT,
  },
  ['id', 'type', 'entity', 'eventType'],
)

// Entity snapshots tell about people. Passwords and other secrets are not there at all: the translator takes them away.
const SENSITIVE = ['content', 'before', 'properties']

/**
 * What CzechIdM does not look at when it removes duplicates: everything but owner, type, parent type, properties and the
 * original source, and in that not the columns about who wrote it when.
 */
const AUDIT_FIELDS = [
  'created',
  'creator',
  'creatorId',
  'modified',
  'modifier',
  'modifierId',
  'originalCreator',
  'originalCreatorId',
  'originalModifier',
  'originalModifierId',
  'realmId',
  'transactionId',
]
const STATE = [
  ...['id', 'type', 'creatorId', 'userId', 'userName', 'requestId', 'content'],
  ...AUDIT_FIELDS.map((field) => `before.${field}`),
]

/** Where the nature of the change is clear. */
const CLEAR: Readonly<Record<string, string>> = {
  'Identity.CREATE': 'user.created',
  'Identity.UPDATE': 'user.updated',
  'Identity.EAV_SAVE': 'user.updated',
  'Identity.NOTIFY': 'user.updated',
  'Identity.DELETE': 'user.deleted',
  'Identity.PASSWORD': 'user.password-changed',
  'Identity.PASSWORD_EXPIRED': 'user.password-expired',
  'RoleRequest.CREATE': 'request.created',
  'AutomaticRoleRequest.CREATE': 'request.created',
  'Request.CREATE': 'request.created',
}

/** Ours: every type beside creation and removal is a change, to be read back. */
const natureOf = (entity: string, eventType: string): string =>
  CLEAR[`${entity}.${eventType}`] ?? BY_TYPE[eventType] ?? 'resource.changed'
const BY_TYPE: Readonly<Record<string, string>> = { CREATE: 'resource.available', DELETE: 'resource.removed' }

export const CUSTOM = 'czechidm.custom'

/** The type's name in the catalogue. */
export function typeOf(entity: string, eventType: string): string {
  if (ENTITIES.get(entity)?.includes(eventType)) return `czechidm.${entity}.${eventType}`
  const core: readonly string[] = CORE_TYPES
  return core.includes(eventType) ? `czechidm.${eventType}` : CUSTOM
}

/** The catalogue's types of an entity. Those of a base type are those of all that implement it. */
export function typesOf(name: string, eventTypes: readonly string[]): readonly string[] {
  if (ENTITIES.has(name)) return eventTypes.map((eventType) => typeOf(name, eventType))
  const own = entitiesOf(name).flatMap((entity) =>
    eventTypes.filter((eventType) => ENTITIES.get(entity)?.includes(eventType)).map((type) => typeOf(entity, type)),
  )
  return [...own, ...(meansOthers(name) ? eventTypes.map((eventType) => typeOf(name, eventType)) : [])]
}

const definitionOf = (name: string, title: string, entity: string, eventType: string): TypeDefinition =>
  caseOf({
    name,
    title,
    caseOf: natureOf(entity, eventType),
    schema: DATA,
    sensitive: SENSITIVE,
    state: STATE,
    resourceType: resourceTypeOf(entity),
    documentation: DOCUMENTATION,
  })

const ownTypes = [...ENTITIES].flatMap(([entity, types]) =>
  types.map((type) => definitionOf(typeOf(entity, type), `${entity}: ${type}`, entity, type)),
)

const coreTypes = CORE_TYPES.map((type) =>
  definitionOf(`czechidm.${type}`, `An entity of another module: ${type}`, ANY_ENTITY, type),
)

export const catalogue: readonly TypeDefinition[] = [
  ...ownTypes,
  ...coreTypes,
  // A case of nothing: what a module's own type means is not known.
  {
    name: CUSTOM,
    title: 'An event type a module invented',
    category: 'resource',
    schema: DATA,
    sensitive: SENSITIVE,
    state: STATE,
    resourceType: resourceTypeOf(ANY_ENTITY),
    documentation: DOCUMENTATION,
  },
]
