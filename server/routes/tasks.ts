/**
 * Tasks: what is on its way, what failed, and doing it again.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { PAGE, pageOf, Query } from '../query.js'
import { filteredTasks, PART, PRIORITIES, queriedTasks, TASK_FILTER, TASK_QUERY } from '../task-filter.js'

const ID = Type.Object({ id: Type.String({ minLength: 1, description: '`<sequence>.<subscription>`' }) })

const REDRIVE = Type.Object(
  { ...TASK_FILTER, ...PART, dryRun: Type.Optional(Type.Boolean({ description: 'Only count.' })) },
  { additionalProperties: false },
)

const read = (operationId: string, summary: string) =>
  ({ operationId, summary, tag: 'tasks', scope: 'tasks:read' }) as const
const write = (operationId: string, summary: string, description?: string) =>
  ({ operationId, summary, tag: 'tasks', scope: 'tasks:write', ...(description && { description }) }) as const

export const taskRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/tasks',
      operation(read('listTasks', 'Tasks, newest first'), {
        querystring: Query({ ...TASK_QUERY, ...PAGE }),
        response: { 200: answers('A page.', 'TaskPage') },
      }),
      ({ caller, query: { cursor, limit, ...query } }) =>
        hub.tasks.list(caller, queriedTasks(query), pageOf({ cursor, limit })),
    )

    app.get(
      '/v1/tasks/counts',
      operation(read('countTasks', 'How many tasks there are, by state'), {
        querystring: Query(TASK_QUERY),
        response: { 200: answers('The numbers.', 'TaskCounts') },
      }),
      ({ caller, query }) => hub.tasks.counts(caller, queriedTasks(query)),
    )

    app.get(
      '/v1/tasks/:id',
      operation(read('getTask', 'One task with its attempts'), {
        params: ID,
        response: { 200: answers('The task.', 'TaskWithAttempts') },
      }),
      ({ caller, params }) => hub.tasks.get(caller, params.id),
    )

    app.post(
      '/v1/tasks/:id/retry',
      operation(write('retryTask', 'Send it again now, by the same id; also one that was delivered'), {
        params: ID,
        response: { 200: answers('The task.', 'Task') },
      }),
      ({ caller, params }) => hub.tasks.retry(caller, params.id),
    )

    app.post(
      '/v1/tasks/:id/cancel',
      operation(write('cancelTask', 'Stop it; a running attempt is aborted'), {
        params: ID,
        response: { 200: answers('The task.', 'Task') },
      }),
      ({ caller, params }) => hub.tasks.cancel(caller, params.id),
    )

    app.put(
      '/v1/tasks/:id/priority',
      operation(write('prioritiseTask', 'Change its priority; its group comes forward with it'), {
        params: ID,
        body: Type.Object(
          { priority: Type.Enum(PRIORITIES, { description: `one of ${PRIORITIES.join(', ')}` }) },
          { additionalProperties: false },
        ),
        response: { 200: answers('The task.', 'Task') },
      }),
      ({ caller, params, body }) => hub.tasks.reprioritise(caller, params.id, body.priority),
    )

    app.post(
      '/v1/tasks/redrive',
      operation(write('redriveTasks', 'Try again, in bulk, what ended without being delivered'), {
        body: REDRIVE,
        response: { 200: answers('How many tasks.', 'PartCount') },
      }),
      ({ caller, body: { dryRun, limit, cursor, ...filter } }) =>
        hub.tasks.redrive(caller, filteredTasks(filter), { dryRun, limit, cursor }),
    )
  }
