/**
 * Those who are still to be told of an event.
 */
import type { SliceRow } from '../rows.js'
import type { TenantTables } from './tables.js'

/** Events of that key are still to be told: others of it come after them. */
export const isHeldUp = ({ slices }: TenantTables, partitionKey: string): boolean =>
  slices.some((slice) => slice.partitionKey === partitionKey)

export const countOf = (slices: readonly SliceRow[]): number => slices.reduce((sum, { count }) => sum + count, 0)
