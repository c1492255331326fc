/**
 * CEL over the changed rows of another database, as a capture's mapping uses it.
 */
import { type Expressions, VARIABLES } from '../intake/capture/rule.js'
import { compileOver } from './cel.js'
import { toJsonValue } from './cel-json.js'

export const ROW_EXPRESSIONS: Expressions = { compile: compileOver(VARIABLES), toJson: toJsonValue }
