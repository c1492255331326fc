/**
 * University of Washington Identity Registry: event notifications by Amazon SNS.
 */
import type { Plugin } from '../../src/index.js'
import { catalogue } from './catalogue.js'
import { translator } from './translate.js'

export { samples } from './samples.js'

export const uwRegistry: Plugin = { name: 'uw-registry', catalogue, translators: [translator] }
