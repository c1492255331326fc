/**
 * What is going to be published: stories, each about a few things of one customer, told step by step in order.
 * Stories run beside each other.
 */

/** The five systems whose messages are translated, and the registry of resources that Tocsin keeps itself. */
export const SYSTEMS = ['activid-cms', 'fim-cm', 'uw-registry', 'aps', 'czechidm', 'registry'] as const
export type System = (typeof SYSTEMS)[number]

/** One event that a step must give, as we foresee it. */
export interface Fact {
  /** What happened to what, in the common vocabulary every system's own names are mapped to. */
  readonly about: 'device' | 'credential' | 'other'
  readonly succeeded: boolean
  /** May the directory of Northgate see the thing it is about? */
  readonly northgateSees: boolean
}

/** One call of the API. */
export interface Step {
  readonly system: System
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly facts: readonly Fact[]
}

/** A thing events can be about: Tocsin calls it a resource. Its owner is one of the customers. */
export interface Thing {
  readonly id: string
  readonly type: string
  readonly owner: string | null
}

export interface Story {
  /** What is there before the story begins. */
  readonly cast: readonly Thing[]
  readonly steps: readonly Step[]
}
