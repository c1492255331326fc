/**
 * A processor that another system brings and runs itself: it is shown beside ours, so that who comes from there finds what
 * has to be done here. It never runs here; one registered under the same name takes its place.
 */
export interface PredefinedProcessor {
  /** Unique; `module:name`, as that system names both. */
  readonly name: string
  readonly module: string
  readonly description: string
  /** What it hears events about; a base type means all that implement it. */
  readonly resourceType: string
  /** Event types of the catalogue; empty: every type. */
  readonly types: readonly string[]
  readonly order: number
  readonly asynchronous: boolean
  /** It votes on the priority of its events. */
  readonly votes: boolean
  readonly disableable: boolean
  /** It may close the event. */
  readonly closable: boolean
  /** It has a further condition. */
  readonly conditional: boolean
  /** The version it is known from, in words. */
  readonly since: string
}
