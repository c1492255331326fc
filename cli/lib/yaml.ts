/**
 * YAML, read when it is first needed: reading it takes as long as most commands do.
 */
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export const yaml = (): typeof import('yaml') => require('yaml')
