/**
 * What a plug-in may bring: lists of the ports' types, nothing else. A profile is a plug-in in the box.
 */
import type { TypeDefinition } from './event/catalogue.js'
import type { Format } from './formats/format.js'
import type { Translator } from './intake/translate.js'
import type { Processor } from './pipeline/processor.js'
import type { Transport } from './transports/transport.js'

export interface Plugin {
  /** `activid-cms`, `aps`, ... */
  readonly name: string
  readonly catalogue?: readonly TypeDefinition[]
  readonly translators?: readonly Translator[]
  readonly formats?: readonly Format[]
  readonly processors?: readonly Processor[]
  readonly transports?: readonly Transport[]
}
