import type { ResultRow } from './rows.js'

type Some<Row> = readonly [Row, ...Row[]]

/** The rows of each (tenant, sequence, processor) together, in the order of their numbers. */
export function byProcessor(results: readonly ResultRow[]): readonly Some<ResultRow>[] {
  const groups = new Map<string, [ResultRow, ...ResultRow[]]>()
  for (const result of results) {
    const key = JSON.stringify([result.tenant, result.sequence, result.processor])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [{ ...result }])
    else group.push({ ...result })
  }
  return [...groups.values()].map((group) => group.sort((a, b) => a.number - b.number))
}
