/**
 * CzechIdM: its entity events.
 */
import type { Plugin } from '../../src/index.js'
import { catalogue } from './catalogue.js'
import { translator } from './translate.js'

export { samples } from './samples.js'

export const czechidm: Plugin = { name: 'czechidm', catalogue, translators: [translator] }
