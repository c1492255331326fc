/**
 * What became of one key.
 */
import type { Imported, ImportedKey } from '../../../src/index.js'

export interface Outcome extends Pick<ImportedKey, 'outcome' | 'becomes' | 'remark'> {
  readonly processing?: Imported['processing']
  readonly processors?: Imported['processors']
}

export const taken = (becomes: string, remark: string | null = null): Outcome => ({ outcome: 'taken', becomes, remark })

export const mapped = (becomes: string, remark: string): Outcome => ({ outcome: 'mapped', becomes, remark })

export const refused = (remark: string): Outcome => ({ outcome: 'refused', becomes: null, remark })

/** Ours: only these two words, in any case; what else Java would take for false is likelier a mistake. */
export function flagIn(value: string): boolean | undefined {
  const word = value.trim().toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : undefined
}
