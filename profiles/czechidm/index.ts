/**
 * CzechIdM: its entity events, and the processors it runs on them itself.
 */
import type { Plugin } from '../../src/index.js'
import { catalogue } from './catalogue.js'
import { predefinedProcessors } from './predefined/index.js'
import { importer } from './properties/index.js'
import { resourceTypes } from './resource-types.js'
import { translator } from './translate.js'

export { samples } from './samples.js'

export const czechidm: Plugin = {
  name: 'czechidm',
  catalogue,
  resourceTypes,
  translators: [translator],
  predefined: predefinedProcessors,
  importers: [importer],
}
