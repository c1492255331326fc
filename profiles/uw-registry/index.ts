/**
 * University of Washington Identity Registry: event notifications by Amazon SNS.
 */
import type { Plugin } from '../../src/index.js'
import { catalogue } from './catalogue.js'
import { formats } from './format.js'
import { Keys } from './keys.js'
import type { KeysFile } from './keys-file.js'
import { routes } from './routes.js'
import { translatorWith } from './translate.js'

export { readKeysFile } from './keys-file.js'
export { samples } from './samples.js'

/** Without signing keys there is nothing to write envelopes with. @param now milliseconds: decides which key signs */
export function uwRegistryWith({ signing, encryption, trust }: KeysFile, now: () => number = Date.now): Plugin {
  return {
    name: 'uw-registry',
    catalogue,
    translators: [translatorWith(trust)],
    routes,
    ...(signing.length > 0 && { formats: formats(new Keys({ signing, encryption }), now) }),
  }
}

export const uwRegistry: Plugin = uwRegistryWith({ signing: [], encryption: [], trust: null })
