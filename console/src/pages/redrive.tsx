/**
 * Sending again, in bulk, what was given up: counted first, asked once.
 */
import type { ComponentChildren } from 'preact'
import { api, ask, problemOf } from '../api/client.js'
import { FAILED } from '../api/tasks.js'
import { useAsk } from '../api/use-ask.js'
import { begin } from '../api/works.js'
import { Fault } from '../ui/notice.js'
import { many } from '../ui/time.js'

interface Whose {
  readonly subscription: string
  /** Who is told again, in words. */
  readonly name: string
  /** Who asks for it. */
  readonly who: string
}

export function redriving({ subscription, name, who }: Whose) {
  const body = { states: [...FAILED], subscription }
  const counted = () => ask(api.POST('/v1/tasks/redrive', { body: { ...body, dryRun: true } }))
  const title = `Send again to ${name}`
  return {
    title,
    body: (
      <Counted ask={counted}>
        {(number) =>
          `${many(number, 'event')} that ${number === 1 ? 'was' : 'were'} given up will be sent again, each in its order. Who has one already may get it twice: receivers know it by its id.`
        }
      </Counted>
    ),
    act: 'Send again',
    work: async () =>
      begin({
        title,
        who,
        noun: 'event',
        total: (await counted()).count,
        deed: { kind: 'redrive', body },
        words: again,
      }),
  }
}

export const again = (count: number): string => `${many(count, 'event')} on the way again.`

interface CountedProps {
  readonly children: (number: number) => ComponentChildren
  ask(): Promise<{ readonly count: number }>
}

/** Says how many it concerns, as the server counts them. */
export function Counted({ ask: work, children }: CountedProps) {
  const { data, problem } = useAsk(() => work().catch((thrown) => Promise.reject(problemOf(thrown))), [])
  if (problem) return <Fault of={problem} />
  return <p role="status">{data ? children(data.count) : 'Counting …'}</p>
}
