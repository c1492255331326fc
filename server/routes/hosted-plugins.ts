/**
 * Plug-ins: what runs here that was not written by us, and taking up what was changed.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Hub, PluginView } from '../../src/index.js'
import { answers, OptionalBody, operation } from '../operation.js'

const BODY = OptionalBody({
  names: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 50 }), {
      maxItems: 100,
      description: 'plug-ins that are loaded anew even if neither entry nor file changed',
    }),
  ),
})

export const hostedPluginRoutes =
  (hub: Hub): FastifyPluginAsyncTypebox =>
  async (app) => {
    app.get(
      '/v1/plugins',
      operation(
        {
          operationId: 'listPlugins',
          summary: 'Plug-ins and how they are',
          tag: 'processors',
          scope: 'processors:read',
        },
        { response: { 200: answers('All of them, on one page.', 'PluginPage') } },
      ),
      async ({ caller }) => pageOf(hub.plugins.list(caller)),
    )

    app.post(
      '/v1/plugins/reload',
      operation(
        {
          operationId: 'reloadPlugins',
          summary: 'Take up changed plug-ins',
          description:
            'Reads the list of the configuration anew, in this node: what is new or changed is loaded and takes over between two events; what it replaces ends after its last call, and goes on if the new one cannot be loaded. So are registered classes, by the table of the configuration.',
          tag: 'processors',
          scope: 'processors:write',
        },
        { body: BODY, response: { 200: answers('All plug-ins, as they are now.', 'PluginPage') } },
      ),
      async ({ caller, body }) => pageOf(await hub.plugins.reload(caller, body?.names)),
    )
  }

const pageOf = (plugins: readonly PluginView[]) => ({
  items: plugins.map(({ loadedAt, ...rest }) => ({
    ...rest,
    loadedAt: loadedAt === null ? null : new Date(loadedAt).toISOString(),
  })),
  next: null,
})
