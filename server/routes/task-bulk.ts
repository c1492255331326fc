/**
 * One deed for many tasks, and deleting.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { type Hub, InvalidInput } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { Flag, flagOf, Query } from '../query.js'
import { filteredTasks, PART, PRIORITIES, TASK_FILTER } from '../task-filter.js'

const ACTIONS = ['retry', 'cancel', 'delete', 'priority'] as const

const ID = Type.Object({ id: Type.String({ minLength: 1, description: '`<sequence>.<subscription>`' }) })

const BULK = Type.Object(
  {
    action: Type.Enum(ACTIONS, { description: `one of ${ACTIONS.join(', ')}` }),
    priority: Type.Optional(
      Type.Enum(PRIORITIES, { description: `with the action priority, one of ${PRIORITIES.join(', ')}` }),
    ),
    filter: Type.Optional(
      Type.Object(TASK_FILTER, { additionalProperties: false, description: 'Which tasks; {} is all of them.' }),
    ),
    ids: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
        minItems: 1,
        maxItems: 1000,
        description: 'instead of a filter, 1 to 1000 ids of tasks',
      }),
    ),
    ...PART,
    dryRun: Type.Optional(Type.Boolean({ description: 'Only count.' })),
  },
  { additionalProperties: false },
)

const write = (operationId: string, summary: string, description: string) =>
  ({ operationId, summary, description, tag: 'tasks', scope: 'tasks:write' }) as const

export const taskBulkRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.post(
      '/v1/tasks/bulk',
      operation(
        write(
          'changeTasks',
          'Retry, cancel, delete or re-prioritise many tasks',
          'Each that is in a state which allows it; the others stay as they are. A filter without `states` means, for `retry`, those that ended refused, exhausted or not-executed.',
        ),
        { body: BULK, response: { 200: answers('How many tasks.', 'PartCount') } },
      ),
      ({ caller, body: { filter, ids, ...bulk } }) => {
        if ((filter === undefined) === (ids === undefined)) throw notOne()
        return hub.tasks.bulk(caller, { ...bulk, ...(filter ? { filter: filteredTasks(filter) } : { ids }) })
      },
    )

    app.delete(
      '/v1/tasks/:id',
      operation(
        write(
          'removeTask',
          'Delete a task',
          'With it go the tasks that what came of its event has in the same subscription. The events stay.',
        ),
        { params: ID, response: { 200: answers('How many tasks.', 'Count') } },
      ),
      ({ caller, params }) => hub.tasks.remove(caller, params.id),
    )

    app.delete(
      '/v1/tasks',
      operation(
        write(
          'removeAllTasks',
          'Empty the queue of asynchronous processors',
          'Finished tasks too. Operators and administrators only. Events and deliveries to subscriptions stay.',
        ),
        {
          querystring: Query({ dryRun: Flag('Only count.') }),
          response: { 200: answers('How many tasks.', 'Count') },
        },
      ),
      ({ caller, query }) => hub.tasks.removeAll(caller, { dryRun: flagOf(query.dryRun) }),
    )
  }

const notOne = () =>
  new InvalidInput('invalid_request', 'Which tasks are meant is said once.', {
    field: 'filter',
    expected: 'either filter or ids',
  })
