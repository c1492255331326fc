/**
 * An importer reads another system's configuration file and says of every key what becomes of it here:
 * `tocsin import NAME FILE`.
 */
import type { ProcessorSetting } from './setting.js'

export interface Importer {
  /** `czechidm-properties` */
  readonly name: string
  readonly title: string
  /** Pure. @throws InvalidInput when the file cannot be read at all */
  read(file: Uint8Array): Imported
}

export interface Imported {
  /** Processors by name; what is absent stays as it is. */
  readonly processors: Readonly<Record<string, Partial<ProcessorSetting>>>
  /** The switches of the instance; what is absent stays as it is. */
  readonly processing: { readonly asynchronous?: boolean; readonly stopped?: boolean }
  /** Classes that the file registers for the other system's events; absent: it says nothing of them. */
  readonly registrations?: {
    readonly system: string
    readonly registrations: readonly { readonly class: string; readonly event?: string; readonly data?: string }[]
  }
  /** In the order of the file. */
  readonly keys: readonly ImportedKey[]
  /** How many keys are about something else. */
  readonly others: number
}

export interface ImportedKey {
  readonly key: string
  /** From 1. */
  readonly line: number
  /**
   * `taken`: it means the same here. `mapped`: it became something else. `unknown`: kept for a processor nobody has heard of.
   * `refused`: nothing was done.
   */
  readonly outcome: 'taken' | 'mapped' | 'unknown' | 'refused'
  /** What it is here, such as `processing.stopped = true`; null when refused. Values that may be secrets are not told. */
  readonly becomes: string | null
  /** Why, or what is different here; null when there is nothing to say. */
  readonly remark: string | null
}
