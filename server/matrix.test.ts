/**
 * The authorisation matrix: every operation OpenAPI lists x every kind of key x {own, another tenant's, missing object}.
 */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { may, type Principal, ROLES, type Role, SCOPES } from '../src/index.js'
import { type Expected, MATRIX, type ObjectKind } from './matrix.js'
import { makeObject, type Parameters, SHARED } from './objects.js'
import { openapiYaml } from './openapi-document.js'
import { type Answer, call, startWorld, type World } from './testing.js'

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly scope: string
}

async function listOperations(): Promise<readonly Operation[]> {
  const { paths } = parse(await openapiYaml()) as {
    paths: Record<string, Record<string, { operationId: string; 'x-scope': string }>>
  }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, 'x-scope': scope }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
      scope,
    })),
  )
}

/** Those of profiles, some of which find out by themselves who calls (`own`), are proved in the profile. */
const operations = (await listOperations()).filter(
  ({ scope, path }) => scope !== 'own' && !/^\/(uw-registry|aws)\//.test(path),
)

let world: World
let badKeys: Readonly<Record<string, string | undefined>>
const folder = mkdtempSync(join(tmpdir(), 'tocsin-matrix-'))
beforeAll(async () => {
  // In a file: what hosts write inside their own transactions needs one.
  world = await startWorld({}, { database: join(folder, 'matrix.db') })
  badKeys = await keysThatDoNotWork(world)
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true })
})

async function keysThatDoNotWork({ hub, keys }: World): Promise<Readonly<Record<string, string | undefined>>> {
  const revoked = await hub.keys.create(hub.local, { name: 'revoked', roles: ['operator'] })
  await hub.keys.revoke(hub.local, revoked.id)
  const expired = await hub.keys.create(hub.local, {
    name: 'expired',
    roles: ['operator'],
    expiresAt: new Date(Date.now() + 20).toISOString(),
  })
  await new Promise((resolve) => setTimeout(resolve, 40))
  return {
    none: undefined,
    malformed: 'not a key',
    unknown: `${keys.operator.slice(0, -4)}0000`,
    revoked: revoked.key,
    expired: expired.key,
  }
}

/** One call with the path filled in; `NEW` in a body is a name nobody used. */
async function perform(
  { method, path }: Operation,
  expected: Expected,
  parameters: Parameters,
  key?: string,
): Promise<Answer> {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(parameters[name] ?? 'x'))
  const query = expected.query ? `?${expected.query.replace('EVENT', parameters.event ?? 'x')}` : ''
  const body = expected.body && JSON.parse(JSON.stringify(expected.body).replaceAll('NEW', randomUUID()))
  return call(world, method, filled + query, {
    ...(key !== undefined && { key }),
    ...(body !== undefined && { body }),
    endless: expected.endless ?? false,
  })
}

/** An object of the role's own where it may make one, else of the operator's; and an event to ask about. */
async function own({ object, query }: Expected, role: Role = 'operator'): Promise<Parameters> {
  const maker = await makerOf(object, role)
  const asked = query?.includes('EVENT') ? (await makeObject(world.hub, world.hub.local, 'event')).id : undefined
  return object ? { ...(await makeObject(world.hub, maker, object)), ...(asked && { event: asked }) } : {}
}

const SUBSCRIBED: readonly unknown[] = [
  'subscription',
  'webhook',
  'paused',
  'logReader',
  'task',
  'finished',
] satisfies ObjectKind[]
const PUBLISHED: readonly unknown[] = ['event', 'suspended', 'resource', 'purchase', 'link'] satisfies ObjectKind[]

async function makerOf(object: ObjectKind | undefined, role: Role): Promise<Principal> {
  const may =
    (role === 'subscriber' && SUBSCRIBED.includes(object)) || (role === 'publisher' && PUBLISHED.includes(object))
  return (may ? await world.hub.keys.authenticate(world.keys[role]) : null) ?? world.hub.local
}

it('has an entry for every operation, and no other', () => {
  expect(Object.keys(MATRIX).sort()).toEqual(operations.map(({ id }) => id).sort())
})

describe.each(operations)('$id', (operation) => {
  const expected = MATRIX[operation.id] ?? { roles: [], own: 0 }
  const { roles, object } = expected

  it('names the scope that these roles have', () => {
    expect(rolesWith(operation.scope)).toEqual(roles)
  })

  if (roles === 'everyone') {
    it('needs no key', async () => {
      expect((await perform(operation, expected, await own(expected))).status).toBe(expected.own)
    })
    return
  }

  it('asks for a key that is in force', async () => {
    const parameters = await own(expected)
    for (const [what, key] of Object.entries(badKeys)) {
      const answer = await perform(operation, expected, parameters, key)
      expect({ what, status: answer.status }).toEqual({ what, status: 401 })
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
  })

  it.each(ROLES)('as %s', async (role) => {
    const answer = await perform(operation, expected, await own(expected, role), world.keys[role])
    expect({ status: answer.status, text: answer.text }).toMatchObject({ status: statusFor(expected, role) })
  })

  if (object === undefined) return
  it('tells another tenant’s object from a missing one to nobody', async () => {
    const missing = missingLike(await own(expected))
    const foreign = await foreignLike(expected, missing)
    for (const role of ROLES.filter((name) => mayButHere(expected, name))) {
      const theirs = await perform(operation, expected, foreign, world.keys[role])
      const nothing = await perform(operation, expected, missing, world.keys[role])
      expect({ role, status: nothing.status, text: nothing.text }).toMatchObject({ role, status: 404 })
      expect(anonymous(theirs, foreign)).toEqual(anonymous(nothing, missing))
    }
  })
})

function rolesWith(name: string): Expected['roles'] {
  if (name === 'any') return ROLES
  const scope = SCOPES.find((each) => each === name)
  if (!scope) return 'everyone'
  return ROLES.filter((role) => may({ ...world.hub.local, roles: [role] }, scope))
}

const mayButHere = (expected: Expected, role: Role): boolean =>
  statusFor(expected, role) === expected.own && !expected.reaches?.includes(role)

function statusFor({ roles, but, own: status }: Expected, role: Role): number {
  if (roles !== 'everyone' && !roles.includes(role)) return 403
  return but?.[role] ?? status
}

/** The same shape of id, or a name, of something that is not there. */
const missingLike = (parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      /\d/.test(value) ? value.replaceAll(/[0-9a-f]/g, '0') : 'nobody',
    ]),
  )

const foreignLike = async ({ object }: Expected, missing: Parameters): Promise<Parameters> =>
  object && !SHARED.has(object) ? makeObject(world.hub, world.other.principal, object) : missing

/** The answer without what may differ: the ids, and the request's own. */
function anonymous({ status, text, headers }: Answer, parameters: Parameters): object {
  const body = Object.values(parameters).reduce((rest, value) => rest.replaceAll(value, 'ID'), text)
  return { status, type: headers.get('content-type'), body: body.replace(/"requestId":"[^"]+"/, '') }
}
