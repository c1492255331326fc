/**
 * Microsoft FIM 2010 Certificate Management and its successor MIM CM: the Notification API.
 */
import type { Plugin } from '../../src/index.js'
import { catalogue } from './catalogue.js'
import { registrarAt } from './registrar.js'
import { statuses } from './request-states.js'
import { resourceTypes } from './resource-types.js'
import { translator } from './translate.js'
import { importer } from './web-config.js'

export type { NotificationType } from './kinds.js'
export type { ClmObject, Criteria, Provision } from './provision.js'
export { samples } from './samples.js'
export type {
  ClmRequest,
  DataCollectionItem,
  Notification,
  NotificationContext,
  NotificationSink,
} from './sink.js'

export const fimCm: Plugin = {
  name: 'fim-cm',
  catalogue,
  resourceTypes,
  translators: [translator],
  processors: [statuses],
  importers: [importer],
  registrars: [registrarAt(Date.now)],
}
