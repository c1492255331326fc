/** The version of the package this file is in. */
import { readFileSync } from 'node:fs'
import { MANIFEST } from '../../src/built.js'
import { at } from './table.js'

export const VERSION = String(at(JSON.parse(readFileSync(MANIFEST, 'utf8')), 'version'))
