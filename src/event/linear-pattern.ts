/**
 * The patterns of JSON Schemas, matched in time linear in the text: a type is defined by an operator, its data come from
 * publishers, and JavaScript's own expressions may take for ever on a text that is made for it.
 */
import { RE2JS } from 're2js'

interface Engine {
  (pattern: string): { test(text: string): boolean }
  /** What ajv would write of it into code of its own. */
  readonly code: string
}

/** Instructions of a compiled pattern: `(a{0,30}){0,30}` has 1,800. */
const MAX_PROGRAM = 1000

/** @throws Error for what RE2 has not: looking ahead and behind, references back */
function linear(pattern: string) {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
  if (compiled.programSize() > MAX_PROGRAM) throw new Error(`the pattern ${pattern} repeats too much`)
  // ajv takes two patterns for one if their texts are equal.
  return { test: (text: string) => compiled.matcher(text).find(), toString: () => `/${pattern}/linear` }
}

function linearOrOwn(pattern: string) {
  try {
    return linear(pattern)
  } catch {
    return new RegExp(pattern, 'u')
  }
}

/** For schemas that come at run time. */
export const LINEAR: Engine = Object.assign(linear, { code: 'linear' })

/** For schemas of the code as well, which may use all that JavaScript knows. */
export const LINEAR_OR_OWN: Engine = Object.assign(linearOrOwn, { code: 'linearOrOwn' })
