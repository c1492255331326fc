/**
 * Microsoft FIM 2010 Certificate Management and its successor MIM CM: the Notification API.
 */
import type { Plugin } from '../../src/index.js'
import { catalogue } from './catalogue.js'
import { translator } from './translate.js'

export { samples } from './samples.js'

export const fimCm: Plugin = { name: 'fim-cm', catalogue, translators: [translator] }
