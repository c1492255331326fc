/**
 * What a plug-in may bring: lists of the ports' types, nothing else. A profile is a plug-in in the box.
 */
import type { TypeDefinition } from './event/catalogue.js'
import type { ResourceTypeDefinition } from './event/resource-types.js'
import type { Format } from './formats/format.js'
import type { Hub } from './hub.js'
import type { Translator } from './intake/translate.js'
import type { HttpProcessorInput } from './pipeline/http-processor.js'
import type { Importer } from './pipeline/importer.js'
import type { PredefinedProcessor } from './pipeline/predefined.js'
import type { Processor } from './pipeline/processor.js'
import type { Transport } from './transports/transport.js'
import type { MadeTransport } from './transports/transport-parts.js'
import type { PluginRoute } from './wiring/plugin-route.js'
import type { Registrar } from './wiring/registrar.js'

export interface Plugin {
  /** `activid-cms`, `aps`, ... */
  readonly name: string
  readonly catalogue?: readonly TypeDefinition[]
  readonly resourceTypes?: readonly ResourceTypeDefinition[]
  readonly translators?: readonly Translator[]
  readonly formats?: readonly Format[]
  readonly processors?: readonly Processor[]
  /** Processors that run in another process. */
  readonly httpProcessors?: readonly HttpProcessorInput[]
  /** What the other system runs itself: shown beside ours. */
  readonly predefined?: readonly PredefinedProcessor[]
  readonly transports?: readonly Transport[]
  /** Transports that ask something of the instance: made once when it begins. */
  readonly madeTransports?: readonly MadeTransport[]
  readonly importers?: readonly Importer[]
  readonly routes?: readonly PluginRoute[]
  /** Makes processors of the classes that the other system's configuration registers. */
  readonly registrars?: readonly Registrar[]
  /** Told once when the hub begins to work: the place to register what needs it. Not told of a reload. */
  start?(hub: Hub): void
  /** When it leaves or the instance closes, after its last call. */
  close?(): void | Promise<void>
}
