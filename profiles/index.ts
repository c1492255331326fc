/**
 * The profiles in the box: each reads one system's messages and keeps that system's own names.
 */
import type { Plugin } from '../src/index.js'
import { actividCms } from './activid-cms/index.js'
import { aps } from './aps/index.js'
import { czechidm } from './czechidm/index.js'
import { fimCm } from './fim-cm/index.js'
import { uwRegistry } from './uw-registry/index.js'

export { actividCms, aps, czechidm, fimCm, uwRegistry }

export const profiles: readonly Plugin[] = [actividCms, fimCm, uwRegistry, aps, czechidm]
