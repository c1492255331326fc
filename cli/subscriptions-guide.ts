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
    const better = error instanceof Failure ? await corrected(body, error, schema, asked) : null
    if (better === null) throw error
    return createPatiently(context, better, schema, asked)
  }
}

/** The refused field said anew, or left out for others; null where it is none that was asked for. */
async function corrected(body: Fields, { facts }: Failure, schema: unknown, asked: Asked): Promise<Fields | null> {
  const [, top = '', member = ''] = /^(\w+)(?:\.(\w+))?/.exec(facts.field ?? '') ?? []
  const described = top === 'target' ? at(schema, `properties.${member}`) : { name: NAME, types: TYPES }[top]
  if (described === undefined) return null
  asked.err(`${inOneLine(facts)}\n`)
  if (top !== 'target') return { ...body, [top]: await askFor(top, described, asked) }
  const { [member]: _refused, ...target } = isRecord(body.target) ? body.target : {}
  const value = await askFor(member, described, asked, true)
  return {
    ...body,
    target: value === undefined ? await interview(schema, target, asked) : { ...target, [member]: value },
  }
}

/** A subscription that is pulled has nobody to be sent to. */
export async function wantsTest(created: unknown, asked: Asked): Promise<boolean> {
  if ((at(created, 'spec.transport') ?? at(created, 'transport')) === 'pull') return false
  return (await askFor('send a test event now', { type: 'boolean', default: true }, asked)) === true
}
