/**
 * Processors: what runs on events, and its settings at run time.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { type Static, Type } from 'typebox'
import {
  type Hub,
  MOST_ORDER,
  type OverviewResource,
  type ProcessorFilter,
  type ProcessorKind,
} from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { OrNull } from '../or-null.js'
import { exactTypes, Flag, flagOf, Query, Text, Texts } from '../query.js'

const NAME = Type.Object({ name: Type.String({ minLength: 1 }) })

const TYPE = Type.String({ minLength: 1, maxLength: 2048 })

/** A merge patch: null goes back to what configuration and code say. */
const SETTING = Type.Object(
  {
    enabled: Type.Optional(OrNull(Type.Boolean({ description: 'true, false or null' }))),
    order: Type.Optional(
      OrNull(
        Type.Integer({
          minimum: -MOST_ORDER,
          maximum: MOST_ORDER,
          description: `its place, ascending, -${MOST_ORDER} to ${MOST_ORDER}`,
        }),
      ),
    ),
    types: Type.Optional(OrNull(Type.Array(TYPE, { maxItems: 1000, description: 'the event types it runs on' }))),
    options: Type.Optional(
      OrNull(
        Type.Record(Type.String(), Type.Unknown(), {
          description: 'laid over its own; a secret given back masked stays what it is',
        }),
      ),
    ),
  },
  { additionalProperties: false, minProperties: 1 },
)

const KINDS = ['judge', 'witness', 'asynchronous'] as const satisfies readonly ProcessorKind[]

const FILTER = {
  name: Text('Exactly this name.'),
  module: Text('Exactly this module.'),
  kind: Type.Optional(Type.Enum(KINDS, { description: `one of ${KINDS.join(', ')}` })),
  description: Text('Part of its description.'),
  type: Texts('Event types; it must hear all of them.'),
  resourceType: Text('Exactly this resource type is among those it names.'),
  implements: Text('One of the resource types it names is this one or implements it; * is any.'),
  text: Text('Part of its name, its titles or its description.'),
  enabled: Flag('Whether it runs.'),
}

const FilterQuery = Type.Object(FILTER)

const filterOf = ({ type, enabled, ...rest }: Static<typeof FilterQuery>): ProcessorFilter => ({
  ...rest,
  types: exactTypes('type', type),
  enabled: flagOf(enabled),
})

const read = (operationId: string, summary: string, description?: string) =>
  ({ operationId, summary, tag: 'processors', scope: 'processors:read', ...(description && { description }) }) as const

export const processorRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/processors',
      operation(read('listProcessors', 'Processors in the order they run'), {
        querystring: Query(FILTER),
        response: { 200: answers('All of them, on one page.', 'ProcessorPage') },
      }),
      async ({ caller, query }) => ({ items: hub.processors.list(caller, filterOf(query)), next: null }),
    )

    app.get(
      '/v1/processors/overview',
      operation(
        read(
          'overviewProcessors',
          'Resource types by event types by processors',
          'Those that the system of a profile runs itself stand beside ours: `origin` is its profile, ours are `here`.',
        ),
        {
          querystring: Query({ ...FILTER, origin: Text('`here`, or a profile such as `czechidm`.') }),
          response: { 200: answers('All of them, on one page.', 'OverviewPage') },
        },
      ),
      async ({ caller, query: { origin, ...query } }) => ({
        items: ofOrigin(hub.processors.overview(caller, filterOf(query)), origin),
        next: null,
      }),
    )

    app.get(
      '/v1/processors/:name',
      operation(read('getProcessor', 'One processor'), {
        params: NAME,
        response: { 200: answers('The processor.', 'Processor') },
      }),
      async ({ caller, params }) => hub.processors.get(caller, params.name),
    )

    app.patch(
      '/v1/processors/:name',
      operation(
        {
          operationId: 'configureProcessor',
          summary: 'Enable, disable, move or set a processor',
          tag: 'processors',
          scope: 'processors:write',
        },
        { params: NAME, body: SETTING, response: { 200: answers('The processor.', 'Processor') } },
      ),
      ({ caller, params, body }) => hub.processors.configure(caller, params.name, body),
    )
  }

/** Without what is left empty. */
function ofOrigin(overview: readonly OverviewResource[], origin: string | undefined): readonly OverviewResource[] {
  if (origin === undefined) return overview
  return overview.flatMap(({ resourceType, types }) => {
    const kept = types.flatMap(({ type, processors }) => {
      const wanted = processors.filter((processor) => processor.origin === origin)
      return wanted.length === 0 ? [] : [{ type, processors: wanted }]
    })
    return kept.length === 0 ? [] : [{ resourceType, types: kept }]
  })
}
