/**
 * HID ActivID CMS: the Event Notification Plug-in SPI.
 */
import type { Plugin } from '../../src/index.js'
import { catalogueOf } from './catalogue.js'
import { type Kind, Kinds } from './kinds.js'
import { importer } from './plugins-file.js'
import { registrarOf } from './registrar.js'
import { translatorOf } from './translate.js'

export type { AIMSEvent } from './aims-event.js'
export type { Configuration, ConfigurationInput, ConfigurationTemplate } from './configuration-template.js'
export {
  type EventContext,
  EventNotificationAdapter,
  type EventNotificationPlugin,
  INTERFACE_VERSION,
} from './plug-in.js'
export { samples } from './samples.js'
export { readSiteCatalogue } from './site-catalogue.js'

/** @param added the numbers of this installation, as `readSiteCatalogue` reads them. */
export function actividCmsWith(added: readonly Kind[]): Plugin {
  const kinds = new Kinds(added)
  return {
    name: 'activid-cms',
    catalogue: catalogueOf(kinds),
    translators: [translatorOf(kinds)],
    importers: [importer],
    registrars: [registrarOf(kinds)],
  }
}

export const actividCms: Plugin = actividCmsWith([])
