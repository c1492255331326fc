/**
 * `tocsin subscriptions create` on a terminal: asks for what is missing, by the description of the transport, and offers a test.
 */

import type { Context } from './lib/context.js'
import { whole } from './lib/context.js'
import { Failure, inOneLine } from './lib/failure.js'
import { type Asked, askFor, interview } from './lib/interview.js'
import { at, isRecord } from './lib/table.js'

type Fields = Readonly<Record<string, unknown>>

const NAME = { type: 'string' }
const TYPES = {
  type: 'array',
  default: ['*'],
  description: 'Event types: exact names, prefixes such as credential.*, or *; separated by commas.',
}

const ALWAYS: Fields = { name: NAME, types: TYPES }
const INPUT = 'components.schemas.SubscriptionInput.properties'

/** Whom to ask, if something is missing and there is somebody. */
export function askedBy({ io, json }: Context, options: { readonly yes?: true }): Asked | null {
  const { prompt, err, folder } = io
  return prompt === null || json || options.yes ? null : { prompt, err, folder }
}

export const isComplete = (body: Fields): boolean =>
  body.name !== undefined && body.types !== undefined && body.transport !== undefined && isRecord(body.target)

/** Asks for what is missing, and again for what the server refuses. Answers what was created. */
export async function createGuided(context: Context, given: Fields, asked: Asked): Promise<unknown> {
  const transports = await whole(context, '/v1/transports')
  const names = transports.map((each) => String(at(each, 'name')))
  const transport = given.transport ?? (await askFor('transport', { enum: names }, asked))
  const described = transports.find((each) => at(each, 'name') === transport)
  const name = given.name ?? (await askFor('name', { ...NAME, default: transport }, asked))
  const types = given.types ?? (await askFor('types', TYPES, asked))
  const target = await interview(at(described, 'target'), isRecord(given.target) ? given.target : {}, asked)
  return createPatiently(context, { ...given, name, types, transport, target }, at(described, 'target'), asked)
}

async function createPatiently(context: Context, body: Fields, schema: unknown, asked: Asked): Promise<unknown> {
  try {
    return await context.client.call('POST', '/v1/subscriptions', { body })
  } catch (error) {
    const better = error instanceof Failure ? await corrected(context, body, error, schema, asked) : null
    if (better === null) throw error
    return createPatiently(context, better, schema, asked)
  }
}

/** The refused field said anew, or left out; null where it is none that a line could say. */
async function corrected(
  context: Context,
  body: Fields,
  { facts }: Failure,
  schema: unknown,
  asked: Asked,
): Promise<Fields | null> {
  const [, top = '', member = ''] = /^(\w+)(?:\.(\w+))?/.exec(facts.field ?? '') ?? []
  const described = top === 'target' ? at(schema, `properties.${member}`) : await memberOf(context, top, member)
  if (described === undefined) return null
  asked.err(`${inOneLine(facts)}\n`)
  if (top in ALWAYS) return { ...body, [top]: await askFor(top, described, asked) }
  const name = top === 'target' ? member : [top, member].filter(Boolean).join('.')
  const value = await askFor(name, described, asked, true)
  if (member === '') return { ...body, [top]: value }
  const { [member]: _refused, ...others } = fieldsOf(body[top])
  if (value !== undefined) return { ...body, [top]: { ...others, [member]: value } }
  return { ...body, [top]: top === 'target' ? await interview(schema, others, asked) : others }
}

/** What the API says of a member that has a type; what has alternatives is not asked for. */
async function memberOf(context: Context, top: string, member: string): Promise<unknown> {
  if (top in ALWAYS) return ALWAYS[top]
  const members = at(await context.client.call('GET', '/openapi.json'), INPUT)
  const found = at(members, member === '' ? top : `${top}.properties.${member}`)
  return at(found, 'type') === undefined && at(found, 'enum') === undefined ? undefined : found
}

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {})

/** A subscription that is pulled has nobody to be sent to. */
export async function wantsTest(created: unknown, asked: Asked): Promise<boolean> {
  if ((at(created, 'spec.transport') ?? at(created, 'transport')) === 'pull') return false
  return (await askFor('send a test event now', { type: 'boolean', default: true }, asked)) === true
}
