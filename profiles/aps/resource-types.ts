/**
 * The types of resources whose names are proven (reference, section 3) and that say what Tocsin must know: which resources are
 * subscriptions. Those of applications are brought by their own plug-ins.
 */
import type { ResourceTypeDefinition } from '../../src/index.js'
import { applicationType } from './application.js'

export const resourceTypes: readonly ResourceTypeDefinition[] = [
  applicationType,
  {
    name: 'http://parallels.com/aps/types/pa/subscription/1.0',
    title: 'Subscription of the platform',
    implements: ['subscription'],
    version: '1.0',
  },
]
