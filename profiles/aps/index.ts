/**
 * Application Packaging Standard: the events of an APS controller, and the controller's API that connectors talk to.
 */
import type { Plugin } from '../../src/index.js'
import { catalogue } from './catalogue.js'
import { format } from './format.js'
import { resourceTypes } from './resource-types.js'
import { routes } from './routes.js'
import { translator } from './translate.js'
import { transport } from './transport.js'
import { upkeep } from './upkeep.js'

export { samples } from './samples.js'

export const aps: Plugin = {
  name: 'aps',
  catalogue,
  resourceTypes,
  translators: [translator],
  formats: [format],
  madeTransports: [{ name: 'aps', make: transport }],
  routes,
  start(hub) {
    for (const processor of upkeep(hub)) hub.use(processor)
  },
}
