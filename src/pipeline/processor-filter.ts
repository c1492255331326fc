/**
 * Which processors somebody wants to see. Every condition given must hold; texts do not mind the case.
 */
import { InvalidInput } from '../errors.js'
import { hint } from '../event/nearest.js'
import type { ProcessorKind } from './processor.js'

export interface ProcessorFilter {
  /** Exactly. */
  readonly name?: string | undefined
  /** Exactly. */
  readonly module?: string | undefined
  readonly kind?: ProcessorKind | undefined
  /** A part of it. */
  readonly description?: string | undefined
  /** Event types: it must hear all of them. */
  readonly types?: readonly string[] | undefined
  /** Exactly one of those it names. */
  readonly resourceType?: string | undefined
  /** One of those it names is this type or implements it; `*`: any. */
  readonly implements?: string | undefined
  /** A part of name, title or description. */
  readonly text?: string | undefined
  readonly enabled?: boolean | undefined
}

/** What is filtered: ours, and those that other systems bring. */
export interface Filterable {
  readonly name: string
  readonly module: string
  readonly kind: ProcessorKind
  readonly description: string | null
  readonly titles: Readonly<Record<string, string>>
  readonly resourceTypes: readonly string[]
  /** Null: nobody here knows. */
  readonly enabled: boolean | null
}

export interface FilterKnowledge {
  hears(type: string): boolean
  resourceLineage(resourceType: string): readonly string[]
}

const MEMBERS = ['name', 'module', 'kind', 'description', 'types', 'resourceType', 'implements', 'text', 'enabled']

/** @throws InvalidInput `invalid_filter`: an id, for one, is nothing a processor has */
export function checkFilter(filter: ProcessorFilter): void {
  const unknown = Object.keys(filter).find((name) => !MEMBERS.includes(name))
  if (unknown === undefined) return
  throw new InvalidInput('invalid_filter', `Processors have no ${unknown} to filter by.${hint(unknown, MEMBERS)}`, {
    field: unknown,
    expected: `one of ${MEMBERS.join(', ')}`,
  })
}

export function fits(each: Filterable, filter: ProcessorFilter, { hears, resourceLineage }: FilterKnowledge): boolean {
  const { resourceTypes } = each
  const base = filter.implements
  return (
    isOrAny(filter.name, each.name) &&
    isOrAny(filter.module, each.module) &&
    isOrAny(filter.kind, each.kind) &&
    isOrAny(filter.enabled, each.enabled) &&
    (filter.types ?? []).every(hears) &&
    (filter.resourceType === undefined || resourceTypes.includes(filter.resourceType)) &&
    (base === undefined || base === '*' || resourceTypes.some((type) => resourceLineage(type).includes(base))) &&
    contains([each.description], filter.description) &&
    contains([each.name, each.description, ...Object.values(each.titles)], filter.text)
  )
}

const isOrAny = (wanted: unknown, value: unknown): boolean => wanted === undefined || wanted === value

const contains = (texts: readonly (string | null)[], part: string | undefined): boolean =>
  part === undefined || texts.some((text) => text?.toLowerCase().includes(part.toLowerCase()))
