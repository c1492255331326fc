/**
 * Captures: tables of other databases whose row changes become events; for the operators of the instance.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub } from '../../src/index.js'
import { answers, operation } from '../operation.js'
import { Flag, flagOf, Query } from '../query.js'

const NAME = Type.Object({ name: Type.String({ minLength: 1, description: 'a-z, 0-9 and _; at most 40.' }) })
const read = { tag: 'captures', scope: 'tenants:read' } as const
const write = { tag: 'captures', scope: 'tenants:write' } as const

export const captureRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/captures',
      operation(
        { operationId: 'listCaptures', summary: 'Captures and how they are', ...read },
        { response: { 200: answers('All of the tenant, on one page.', 'CapturePage') } },
      ),
      async ({ caller }) => ({ items: await hub.captures.list(caller), next: null }),
    )

    app.get(
      '/v1/captures/:name',
      operation(
        { operationId: 'getCapture', summary: 'One capture', ...read },
        { params: NAME, response: { 200: answers('The capture, without its password.', 'Capture') } },
      ),
      ({ caller, params }) => hub.captures.get(caller, params.name),
    )

    app.post(
      '/v1/captures/:name/plan',
      operation(
        {
          operationId: 'planCapture',
          summary: 'Which statements a mapping needs in its source',
          description: 'Nothing is changed. Of what is there already nothing is told.',
          ...write,
        },
        {
          params: NAME,
          body: Type.Ref('CaptureInput'),
          response: { 200: answers('The method, and the statements in their order.', 'CapturePlan') },
        },
      ),
      ({ caller, params, body }) => hub.captures.plan(caller, params.name, body),
    )

    app.put(
      '/v1/captures/:name',
      operation(
        {
          operationId: 'applyCapture',
          summary: 'Make the source ready, and capture',
          description:
            'With another mapping it goes on with that from its next change on. One that ended begins anew. A password that is not said stays as it is.',
          ...write,
        },
        { params: NAME, body: Type.Ref('CaptureInput'), response: { 200: answers('The capture.', 'Capture') } },
      ),
      ({ caller, params, body }) => hub.captures.apply(caller, params.name, body),
    )

    app.post(
      '/v1/captures/:name/check',
      operation(
        {
          operationId: 'checkCapture',
          summary: 'Prove that a capture works',
          description:
            'In each table an update that changes nothing is made and rolled back; what must be there is looked for, and whether somebody reads.',
          ...write,
        },
        { params: NAME, response: { 200: answers('What was found.', 'CaptureCheck') } },
      ),
      ({ caller, params }) => hub.captures.check(caller, params.name),
    )

    app.post(
      '/v1/captures/:name/reconcile',
      operation(
        {
          operationId: 'reconcileCapture',
          summary: 'Find and tell what a capture missed',
          description:
            'The rows of the source are held against those last told. What was missed becomes events that are marked `capture: reconciled`. It is done by whichever node leads the capture; how it goes is in the capture, as `reconciliation`.',
          ...write,
        },
        {
          params: NAME,
          body: Type.Ref('CaptureReconcileInput'),
          response: { 202: answers('It was asked for.', 'CaptureReconciliation') },
        },
      ),
      async ({ caller, params, body }, reply) =>
        reply.code(202).send(await hub.captures.reconcile(caller, params.name, body)),
    )

    app.delete(
      '/v1/captures/:name',
      operation(
        {
          operationId: 'removeCapture',
          summary: 'Take everything of a capture out of its source',
          description: 'Its events stay.',
          ...write,
        },
        {
          params: NAME,
          querystring: Query({
            forget: Flag('Also when the source does not answer, and keeps what is of ours.'),
            rows: Flag('What is known of its rows is forgotten too: a later capture cannot be reconciled with it.'),
          }),
          response: { 200: answers('What was done in the source.', 'CaptureRemoved') },
        },
      ),
      ({ caller, params, query }) =>
        hub.captures.remove(caller, params.name, { forget: flagOf(query.forget), rows: flagOf(query.rows) }),
    )
  }
