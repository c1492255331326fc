/**
 * Applications: where an instance of one listens, and which operations its types have. An application is a resource, so
 * it is made, changed, removed and told of as any other; the schema below is what its properties must be.
 */
import {
  Conflict,
  type Hub,
  isObject,
  type Principal,
  type Resource,
  type ResourceTypeDefinition,
} from '../../src/index.js'
import { all } from '../every.js'
import { ANY_OBJECT, NAME, record, TEXT } from '../schema.js'

export const APPLICATION = 'aps-application'

export interface Operation {
  readonly verb?: 'POST'
  /** Below the resource: `/onUsrChange`; may differ from the operation's name. */
  readonly path: string
  readonly parameters?: Readonly<Record<string, unknown>>
  /** Every resource of the type is subscribed without a call. */
  readonly eventSubscription?: {
    readonly event: string
    readonly source: { readonly id?: string; readonly type?: string }
    readonly relation?: string
  }
}

export interface ApplicationType {
  /** The id of the service, the first step of the path below the endpoint. */
  readonly service: string
  readonly operations: Readonly<Record<string, Operation>>
}

export interface Application {
  readonly id: string
  readonly endpoint: string
  /** Where the application calls back: sent as `APS-Controller-URI`. */
  readonly controllerUri: string
  /** The key (of the kind `oauth1`) by which notifications are signed; absent: they are not. */
  readonly consumer?: string
  readonly types: Readonly<Record<string, ApplicationType>>
}

const PATH = { type: 'string', pattern: '^(/[A-Za-z0-9._~-]+)*/?$', maxLength: 512 }
/** Without a user and a password, which whoever sees the application would read, and of what a header can hold. */
const URL_TEXT = { type: 'string', pattern: "^https?://[A-Za-z0-9._~:/%!$&'()*+,;=\\[\\]-]+$", maxLength: 2048 }
const DECLARED = record({ event: NAME, source: record({ id: NAME, type: NAME }), relation: TEXT }, ['event', 'source'])
const OPERATION = record({ verb: { const: 'POST' }, path: PATH, parameters: ANY_OBJECT, eventSubscription: DECLARED }, [
  'path',
])
const TYPE = record(
  {
    service: { type: 'string', pattern: '^[A-Za-z0-9._~-]+$', maxLength: 256 },
    operations: { type: 'object', additionalProperties: OPERATION },
  },
  ['service', 'operations'],
)

export const applicationType: ResourceTypeDefinition = {
  name: APPLICATION,
  title: 'An instance of an APS application',
  schema: record(
    {
      endpoint: URL_TEXT,
      controllerUri: URL_TEXT,
      consumer: NAME,
      types: { type: 'object', additionalProperties: TYPE },
    },
    ['endpoint', 'controllerUri', 'types'],
  ),
}

/** Null if the resource is none, or has been removed; or says no types, as after an erasure. */
export function applicationIn(resource: Resource | null): Application | null {
  if (resource?.type !== APPLICATION || resource.removedAt !== null || !isObject(resource.properties.types)) return null
  return { ...(resource.properties as unknown as Omit<Application, 'id'>), id: resource.id }
}

export const typeOf = ({ types }: Application, type: string): ApplicationType | null =>
  Object.hasOwn(types, type) ? (types[type] ?? null) : null

export function operationOf(application: Application, type: string, name: string): Operation | null {
  const operations = typeOf(application, type)?.operations ?? {}
  return Object.hasOwn(operations, name) ? (operations[name] ?? null) : null
}

/**
 * The application that a type of the tenant belongs to; null if there is none.
 * @throws Conflict when several declare it
 */
export async function applicationFor(hub: Hub, tenant: string, type: string): Promise<Application | null> {
  const declaring = (await applicationsOf(hub, tenant)).filter((each) => typeOf(each, type) !== null)
  if (declaring.length < 2) return declaring[0] ?? null
  const applications = declaring.map(({ id }) => id)
  throw new Conflict('wrong_state', 'Several applications declare the type of the resource.', {
    expected: 'each type declared by one application',
    data: { type, applications },
  })
}

async function applicationsOf(hub: Hub, tenant: string): Promise<readonly Application[]> {
  const controller = controllerOf(hub, tenant)
  const resources = await all((page) => hub.resources.list(controller, { types: [APPLICATION] }, page))
  return resources.map(applicationIn).filter((each) => each !== null)
}

/** The controller itself, which sees the whole tenant. */
export const controllerOf = (hub: Hub, tenant: string): Principal => ({ ...hub.local, tenant })
