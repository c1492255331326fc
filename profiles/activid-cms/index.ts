/**
 * HID ActivID CMS: the Event Notification Plug-in SPI.
 */
import type { Plugin } from '../../src/index.js'
import { catalogue } from './catalogue.js'
import { translator } from './translate.js'

export { samples } from './samples.js'

export const actividCms: Plugin = { name: 'activid-cms', catalogue, translators: [translator] }
