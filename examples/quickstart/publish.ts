/**
 * The publisher: tells all stories, many beside each other, each step by step, and keeps the receipts.
 */
import type { Api } from './api.js'
import { each } from './each.js'
import type { Ledger, Receipt } from './ledger.js'
import type { Step, Story } from './story.js'

const HANDS = 48

export const publish = (api: Api, stories: readonly Story[], ledger: Ledger): Promise<void> =>
  each(stories, HANDS, async (story) => {
    for (const step of story.steps) await take(api, story, step, ledger)
  })

/** @throws Error when the events are not those that were foreseen. */
async function take(api: Api, story: Story, step: Step, ledger: Ledger): Promise<void> {
  const sentAt = Date.now()
  const receipts = receiptsIn(await api.call(step.method, step.path, step.body))
  const fresh = receipts.filter(({ state, duplicate }) => state === 'admitted' && !duplicate)
  if (fresh.length !== step.facts.length || receipts.length !== fresh.length)
    throw new Error(
      `${step.method} ${step.path} gave ${JSON.stringify(receipts)} instead of ${step.facts.length} events.`,
    )
  step.facts.forEach((fact, index) => {
    const receipt = fresh[index]
    if (receipt) ledger.accept({ system: step.system, story, sentAt }, receipt, fact)
  })
}

/** A change of a resource answers `receipts`; a translated message answers `results`, each a receipt or a problem. */
type Answer = { readonly receipts: readonly Receipt[] } | { readonly results: readonly Result[] }
type Result = { readonly receipt: Receipt } | { readonly problem: { readonly title: string; readonly detail?: string } }

function receiptsIn(answered: unknown): readonly Receipt[] {
  const answer = answered as Answer
  if ('receipts' in answer) return answer.receipts
  return answer.results.map((result) => {
    if ('receipt' in result) return result.receipt
    throw new Error(`A message was refused: ${result.problem.title} ${result.problem.detail ?? ''}`)
  })
}
