/**
 * Sending again, in bulk, what was given up: counted first, asked once.
 */
import type { ComponentChildren } from 'preact'
import { api, ask, problemOf } from '../api/client.js'
import { FAILED } from '../api/tasks.js'
import { useAsk } from '../api/use-ask.js'
import { Fault } from '../ui/notice.js'
import { many } from '../ui/time.js'

interface Which {
  readonly subscription?: string
  readonly [name: string]: unknown
}

/** @param whom who is told again, in words */
export function redriving(whom: string, which: Which, done: () => void = () => undefined) {
  const body = { states: [...FAILED], ...which }
  const redrive = (dryRun: boolean) => ask(api.POST('/v1/tasks/redrive', { body: { ...body, dryRun } }))
  return {
    title: `Send again to ${whom}`,
    body: (
      <Counted ask={() => redrive(true)}>
        {(number) =>
          `${many(number, 'event')} that ${number === 1 ? 'was' : 'were'} given up will be sent again, each in its order. Who has one already may get it twice: receivers know it by its id.`
        }
      </Counted>
    ),
    act: 'Send again',
    async work() {
      const { count } = await redrive(false)
      done()
      return `${many(count, 'event')} on the way again.`
    },
  }
}

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
