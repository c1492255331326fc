/**
 * Tasks: what is on its way, what failed, and doing it again.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub, TaskState } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { exactTypes, PAGE, pageOf, Query, Sequence, Text, Texts } from '../query.js'

const ID = Type.Object({ id: Type.String({ minLength: 1, description: '`<sequence>.<subscription>`' }) })

const STATES = [
  'due',
  'waiting',
  'leased',
  'done',
  'refused',
  'exhausted',
  'not-executed',
  'held',
  'cancelled',
] as const satisfies readonly TaskState[]

const State = Type.Enum(STATES, { description: `one of ${STATES.join(', ')}` })

const FILTER = Query({
  subscription: Text('The subscription’s id.'),
  event: Sequence('digits: the event’s sequence'),
  state: Type.Optional(Type.Union([State, Type.Array(State)], { description: `one or more of ${STATES.join(', ')}` })),
  type: Texts('Event types.'),
  subject: Text('The resource the event is about.'),
  ...PAGE,
})

const REDRIVE = Type.Object(
  {
    subscription: Text('The subscription’s id.'),
    event: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^[0-9]{1,20}$' })], {
        description: 'the event’s sequence',
      }),
    ),
    states: Type.Optional(Type.Array(State, { maxItems: STATES.length })),
    types: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { maxItems: 100 })),
    subject: Text('The resource the event is about.'),
    dryRun: Type.Optional(Type.Boolean({ description: 'Only count.' })),
  },
  { additionalProperties: false },
)

export const taskRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/tasks',
      operation(
        { operationId: 'listTasks', summary: 'Tasks, newest first', tag: 'tasks', scope: 'tasks:read' },
        { querystring: FILTER, response: { 200: answers('A page.', 'TaskPage') } },
      ),
      ({ caller, query }) =>
        hub.tasks.list(
          caller,
          {
            subscription: query.subscription,
            event: query.event,
            states: query.state === undefined || Array.isArray(query.state) ? query.state : [query.state],
            types: exactTypes(query.type),
            subject: query.subject,
          },
          pageOf(query),
        ),
    )

    app.get(
      '/v1/tasks/:id',
      operation(
        { operationId: 'getTask', summary: 'One task with its attempts', tag: 'tasks', scope: 'tasks:read' },
        { params: ID, response: { 200: answers('The task.', 'TaskWithAttempts') } },
      ),
      ({ caller, params }) => hub.tasks.get(caller, params.id),
    )

    app.post(
      '/v1/tasks/:id/retry',
      operation(
        { operationId: 'retryTask', summary: 'Try it again now', tag: 'tasks', scope: 'tasks:write' },
        { params: ID, response: { 200: answers('The task.', 'Task') } },
      ),
      ({ caller, params }) => hub.tasks.retry(caller, params.id),
    )

    app.post(
      '/v1/tasks/:id/cancel',
      operation(
        {
          operationId: 'cancelTask',
          summary: 'Stop it; a running attempt is aborted',
          tag: 'tasks',
          scope: 'tasks:write',
        },
        { params: ID, response: { 200: answers('The task.', 'Task') } },
      ),
      ({ caller, params }) => hub.tasks.cancel(caller, params.id),
    )

    app.post(
      '/v1/tasks/redrive',
      operation(
        {
          operationId: 'redriveTasks',
          summary: 'Try again, in bulk, what ended without being delivered',
          tag: 'tasks',
          scope: 'tasks:write',
        },
        { body: REDRIVE, response: { 200: answers('How many tasks.', 'Count') } },
      ),
      ({ caller, body: { dryRun, event, ...filter } }) =>
        hub.tasks.redrive(caller, { ...filter, event: event === undefined ? undefined : String(event) }, { dryRun }),
    )
  }
