/**
 * The formats every instance has; profiles add their own.
 */
import { cloudeventsBatchFormat, cloudeventsFormat } from './cloudevents.js'
import { cloudeventsBinaryFormat } from './cloudevents-binary.js'
import { dataFormat } from './data.js'
import type { Format } from './format.js'

export const BUILT_IN_FORMATS: readonly Format[] = [
  cloudeventsFormat,
  cloudeventsBinaryFormat,
  cloudeventsBatchFormat,
  dataFormat,
]
