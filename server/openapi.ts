/**
 * What OpenAPI says besides the operations.
 */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { TAGS } from './operation.js'

export const OPENAPI: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Tocsin',
      version: '1',
      description: 'Tells every system that must know, the moment an identity changes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    components: {
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'A key of Tocsin. An operator names another tenant to act on in the header `Tocsin-Tenant`.',
        },
      },
    },
    security: [{ key: [] }],
  },
  refResolver: {
    buildLocalReference: (json, _baseUri, _fragment, index) =>
      typeof json.$id === 'string' ? json.$id : `schema${index}`,
  },
}
