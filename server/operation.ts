/**
 * An operation of the API: what its route says about itself. OpenAPI, the guard and the tests read it.
 */
import type { FastifySchema } from 'fastify'
import { type Static, type TObject, type TProperties, Type } from 'typebox'
import type { Principal, Scope } from '../src/index.js'
import { PROBLEM_TYPE } from './problem.js'
import { Query } from './query.js'

export const TAGS = {
  events: 'Facts about identities: publish, read, follow.',
  inbox: "What was published inside hosts' own transactions and is no event yet.",
  types: 'The catalogue of event types, and the ways out.',
  resources: 'What events are about: who owns what, what is linked with what.',
  subscriptions: 'Who wants to be told what, where to and how.',
  tasks: 'One event on its way to one subscription.',
  transactions: 'Everything that was published under one id.',
  processors: 'Code that judges, witnesses and follows events.',
  definitions: 'Types, processors and subscriptions as one file.',
  captures: 'Tables of other databases whose row changes become events.',
  keys: 'Who may call.',
  session: 'Who is signed in to the console.',
  tenants: 'Who shares this instance; for its operators.',
  audit: 'Who changed what.',
  instance: 'How the instance is.',
} as const

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  /** One of `TAGS`, or the plug-in that brings it. */
  readonly tag: string
  /**
   * What the key must allow; `open`: no key is asked for; `any`: that it is in force; `own`: a plug-in finds out by itself
   * who calls.
   */
  readonly scope: Scope | 'open' | 'any' | 'own'
}

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: Scope | 'open' | 'any' | 'own'
    operationId?: string
  }
  interface FastifyRequest {
    /** Who calls; set by the guard on every operation that asks for a key of ours. */
    caller: Principal
  }
}

const problem = (description: string) => ({ description, content: { [PROBLEM_TYPE]: { schema: Type.Ref('Problem') } } })

const PROBLEMS = { '4xx': problem('The request was refused.'), '5xx': problem('The server failed.') }

/**
 * Options of a route: its schema with what the operation says, and its configuration. A route that names no parameters of the
 * query takes none.
 */
export function operation<S extends FastifySchema>(about: Operation, schema: S) {
  const { operationId, summary, description, tag, scope } = about
  return {
    config: { scope, operationId },
    schema: {
      querystring: Query({}),
      ...schema,
      operationId,
      summary,
      ...(description !== undefined && { description }),
      tags: [tag],
      'x-scope': scope,
      ...((scope === 'open' || scope === 'own') && { security: [] }),
      response: { ...responsesOf(schema), ...PROBLEMS },
    } as S,
  }
}

const responsesOf = (schema: FastifySchema): object =>
  typeof schema.response === 'object' && schema.response !== null ? schema.response : {}

/** A success whose body is one of the shared schemas. */
export const answers = (description: string, name: string) => ({
  description,
  content: { 'application/json': { schema: Type.Ref(name) } },
})

/** A body that may be left out; what it says is checked all the same. */
export const OptionalBody = <P extends TProperties>(properties: P) =>
  Type.Unsafe<Static<TObject<P>> | null | undefined>({
    ...Type.Object(properties, { additionalProperties: false }),
    type: ['object', 'null'],
  })

/** A header that guards a change; `etag.ts` reads it. */
export const IF_MATCH = Type.Object({
  'if-match': Type.Optional(
    Type.String({ description: 'The ETag of the object as it was read; another revision is refused.' }),
  ),
})
