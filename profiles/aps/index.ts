/**
 * Application Packaging Standard: the events of an APS controller.
 */
import type { Plugin } from '../../src/index.js'
import { catalogue } from './catalogue.js'
import { resourceTypes } from './resource-types.js'
import { translator } from './translate.js'

export { samples } from './samples.js'

export const aps: Plugin = { name: 'aps', catalogue, resourceTypes, translators: [translator] }
