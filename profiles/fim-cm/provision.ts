/**
 * Look-ups as FindOperations of the Provision API has them (bb468109), answered from the registry under the sink's own
 * principal: it reads, and finds only what it may see. Secrets, keys and security descriptors are taken out.
 */
import { NotFound, type Principal, type RegistryAccess, type Resource } from '../../src/index.js'
import { all } from '../every.js'
import type { Fields } from '../reader.js'
import { looksSecret } from '../secrets.js'
import { CERTIFICATE, PROFILE, PROFILE_TEMPLATE, REQUEST, SMARTCARD } from './resource-types.js'
import type { ClmRequest } from './sink.js'

/** A profile, template, card or certificate: what the registry has of it. */
export interface ClmObject extends Fields {
  readonly uuid: string
  readonly status: string | null
  /** The user; null: nobody. */
  readonly ownerUuid: string | null
}

/** Equal in all members that are given; `uuid`, `status` and `ownerUuid` among them. */
export type Criteria = Readonly<Record<string, string | number | boolean>>

export interface Provision {
  /** @throws NotFound, also for what the sink may not see; the request of the notification at hand is always there */
  getRequest(uuid: string): Promise<ClmRequest>
  /** @throws NotFound */
  getProfile(uuid: string): Promise<ClmObject>
  /** @throws NotFound */
  getProfileTemplate(uuid: string): Promise<ClmObject>
  /** @throws NotFound */
  getSmartcard(uuid: string): Promise<ClmObject>
  /** By id. */
  findRequests(criteria?: Criteria): Promise<readonly ClmRequest[]>
  findSmartcards(criteria?: Criteria): Promise<readonly ClmObject[]>
  findAllProfileTemplates(): Promise<readonly ClmObject[]>
  /** Those whose `profileUuid` or `smartcardUuid` is given in the criteria, or any other member. */
  findCertificates(criteria?: Criteria): Promise<readonly ClmObject[]>
}

/** @param present the request of the notification: the registry may not have it yet. */
export function provisionFor(registry: RegistryAccess, caller: Principal, present: ClmRequest): Provision {
  const get = async (what: string, type: string, uuid: string): Promise<ClmObject> => {
    const resource = await registry.get(caller, uuid.toLowerCase())
    if (resource.type === type && resource.removedAt === null) return objectOf(resource)
    throw new NotFound(what, uuid)
  }
  const find = async (type: string, criteria: Criteria = {}): Promise<readonly ClmObject[]> => {
    const resources = await all((page) => registry.list(caller, { types: [type] }, page))
    return resources.map(objectOf).filter((each) => fits(each, criteria))
  }
  return {
    getRequest: async (uuid) =>
      uuid.toLowerCase() === present.uuid
        ? readAgain(present, get('request', REQUEST, uuid))
        : requestOf(await get('request', REQUEST, uuid)),
    getProfile: (uuid) => get('profile', PROFILE, uuid),
    getProfileTemplate: (uuid) => get('profile template', PROFILE_TEMPLATE, uuid),
    getSmartcard: (uuid) => get('smart card', SMARTCARD, uuid),
    findRequests: async (criteria) => (await find(REQUEST, criteria)).map(requestOf),
    findSmartcards: (criteria) => find(SMARTCARD, criteria),
    findAllProfileTemplates: () => find(PROFILE_TEMPLATE),
    findCertificates: (criteria) => find(CERTIFICATE, criteria),
  }
}

/** What the registry knows besides, or by now; of what is about people it keeps nothing. */
async function readAgain(present: ClmRequest, getting: Promise<ClmObject>): Promise<ClmRequest> {
  try {
    const { dataCollection, comment } = present
    return { ...requestOf(await getting), dataCollection, comment }
  } catch (error) {
    if (error instanceof NotFound) return present
    throw error
  }
}

const fits = (object: ClmObject, criteria: Criteria): boolean =>
  Object.entries(criteria).every(([name, value]) => object[name] === value)

const objectOf = ({ id, status, owner, properties }: Resource): ClmObject => ({
  ...withoutSecrets(properties),
  uuid: id,
  status,
  ownerUuid: owner,
})

const isHidden = (name: string): boolean =>
  looksSecret(name) || /security[_ -]?descriptor|admin[_ -]?(key|pin)/i.test(name)

function withoutSecrets(properties: Fields): Fields {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => !isHidden(name))
      .map(([name, value]) => [name, cleaned(value)]),
  )
}

/** Collected items name their secrets in `name`. */
function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned)
  if (typeof value !== 'object' || value === null) return value
  const fields = withoutSecrets(value as Fields)
  const { name } = fields
  return typeof name === 'string' && isHidden(name) ? { name, value: null, removed: true } : fields
}

const NOTHING: Omit<ClmRequest, 'uuid' | 'status'> = {
  requestType: null,
  flags: null,
  dataCollection: [],
  dataCollectionFlags: null,
  originatorUserUuid: null,
  targetUserUuid: null,
  submitted: null,
  completed: null,
  newProfileUuid: null,
  oldProfileUuid: null,
  newSmartcardUuid: null,
  oldSmartcardUuid: null,
  priority: null,
  comment: null,
  profileTemplateUuid: null,
  isSmartcard: null,
  isEnrollmentAgent: null,
  isDataCollectionComplete: null,
}

const requestOf = ({ ownerUuid, ...found }: ClmObject): ClmRequest => ({ ...NOTHING, ...found })
