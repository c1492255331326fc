/**
 * Rows of `idm_entity_event` as the REST API serves them, made up: every entity and type in turn, then those of an unknown
 * module.
 */
import { below, inTurn, moment, pick, type Random, uuid } from '../random.js'
import { CORE_TYPES, ENTITIES } from './entities.js'

export type EntityEvent = Readonly<Record<string, unknown>>

interface Kind {
  readonly ownerType: string
  readonly eventType: string
}

const CORE = 'eu.bcvsolutions.idm.core.model.entity.Idm'
const MODULE = 'com.example.idm.parking.entity.ParkingPermit'

const MODULE_CLASS = /^(Acc|Sys|Rpt|Vs)[A-Z]/

/** Acc and Sys classes live in the module `acc`. */
function classOf(entity: string): string {
  const prefix = MODULE_CLASS.exec(entity)?.[1]
  if (prefix === undefined) return CORE + entity
  return `eu.bcvsolutions.idm.${prefix === 'Sys' ? 'acc' : prefix.toLowerCase()}.entity.${entity}`
}

const KINDS: readonly Kind[] = [
  ...[...ENTITIES].flatMap(([entity, types]) => types.map((eventType) => ({ ownerType: classOf(entity), eventType }))),
  ...CORE_TYPES.map((eventType) => ({ ownerType: MODULE, eventType })),
  { ownerType: MODULE, eventType: 'WAIT' },
]

/** @param random seeded, from 0 up to 1: the same seed gives the same messages. */
export const samples = (n: number, random: Random): readonly EntityEvent[] =>
  inTurn(n, KINDS, (kind) => sampleOf(kind, random))

function sampleOf({ ownerType, eventType }: Kind, random: Random): EntityEvent {
  const ownerId = uuid(random)
  const id = uuid(random)
  const child = below(random, 3) === 0
  return {
    id,
    created: moment(random),
    creator: pick(random, ['admin', 'hr', '[SYSTEM]']),
    creatorId: uuid(random),
    transactionId: uuid(random),
    ownerType,
    ownerId,
    superOwnerId: below(random, 3) === 0 ? uuid(random) : ownerId,
    eventType,
    properties: {
      'idm:skip-notify': false,
      'idm:priority': 'NORMAL',
      reason: pick(random, ['hr', 'helpdesk', 'synchronization']),
    },
    content: contentOf(ownerType, ownerId, random),
    originalSource: eventType === 'CREATE' ? null : contentOf(ownerType, ownerId, random),
    closed: false,
    suspended: false,
    executeDate: below(random, 10) === 0 ? moment(random) : null,
    priority: pick(random, ['NORMAL', 'NORMAL', 'NORMAL', 'HIGH']),
    parent: child ? uuid(random) : null,
    rootId: child ? uuid(random) : null,
    parentEventType: child ? pick(random, ['CREATE', 'UPDATE']) : null,
    instanceId: 'idm-primary',
    result: { state: 'CREATED' },
  }
}

const contentOf = (ownerType: string, id: string, random: Random): EntityEvent =>
  ownerType.endsWith('IdmIdentity')
    ? {
        id,
        username: `${pick(random, ['novak', 'svoboda', 'dvorak'])}${below(random, 100)}`,
        firstName: 'Jan',
        disabled: below(random, 5) === 0,
      }
    : { id }
