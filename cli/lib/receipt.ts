/** What a publisher is told, for people: the receipt, and what processors said. */
import type { Context } from './context.js'
import { at } from './table.js'
import { RECEIPT, RESULTS } from './views.js'

export function showReceipt(context: Context, receipt: unknown): void {
  context.show(receipt, RECEIPT)
  const results = at(receipt, 'results')
  if (!context.json && Array.isArray(results) && results.length > 0) context.showAll(results, RESULTS)
}
