/**
 * Asked when an event is published: which asynchronous processors want it, and how soon it should be worked on.
 */
import type { AnyEvent, Priority } from '../event/envelope.js'
import { type Circumstances, contextOf } from './call.js'
import type { Placed } from './line-up.js'

/** Who asks, and what hears of a processor that threw when it was asked. */
export interface Question extends Pick<Circumstances, 'tenant' | 'principal'> {
  failed(processor: string, error: unknown): void
}

/** Those that want the event. One whose `when` throws is among them: its failure is told when it runs. */
export const wanting = (asynchronous: readonly Placed[], event: AnyEvent, question: Question): readonly Placed[] =>
  asynchronous.filter((placed) => {
    const { processor } = placed
    return !processor.when || ask(placed, question, true, (context) => processor.when?.(event, context) ?? true)
  })

/**
 * The highest vote of those that want the event; null: nobody voted. `immediate` ends the voting.
 * @param wanted what `wanting` answered.
 */
export function voteOn(wanted: readonly Placed[], event: AnyEvent, question: Question): Priority | null {
  let highest: Priority | null = null
  for (const placed of wanted) {
    const { processor } = placed
    if (!processor.priority) continue
    const vote = ask(placed, question, null, (context) => processor.priority?.(event, context) ?? null)
    if (vote === 'immediate') return vote
    if (vote === 'high' || highest === null) highest = isPriority(vote) ? vote : highest
  }
  return highest
}

const isPriority = (vote: Priority | null): vote is Priority => vote === 'high' || vote === 'normal'

const nothing = () => Promise.reject(new TypeError('Who is only asked may not publish.'))

function ask<Answer>(
  placed: Placed,
  { tenant, principal, failed }: Question,
  otherwise: Answer,
  question: (context: ReturnType<typeof contextOf>) => Answer,
): Answer {
  try {
    return question(contextOf({ tenant, principal, publish: nothing }, placed))
  } catch (error) {
    failed(placed.processor.name, error)
    return otherwise
  }
}
