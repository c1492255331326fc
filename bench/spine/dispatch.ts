/**
 * One event through five judges, against a bare loop that calls the same functions: what the pipeline itself costs.
 */
import type { Contest } from '../contest.js'
import { eventAt } from '../event.js'
import { type AnyEvent, judge, LineUp, type Principal, proceed, startRun, type Verdict } from '../tocsin.js'

const JUDGES = 5

export const dispatch = (kind: 'synchronous' | 'asynchronous', count: number): Contest => {
  const functions = Array.from({ length: JUDGES }, () => (kind === 'synchronous' ? answerAtOnce : answerLater))
  return {
    lines: [{ work: `dispatch through ${JUDGES} ${kind} judges`, unit: '1/s', figure: 'rate', goal: 0.3 }],
    ours: async () => ({ rate: await rateOf(count, throughPipeline(functions)) }),
    against: { 'async loop': async () => ({ rate: await rateOf(count, throughLoop(functions)) }) },
  }
}

type Judge = (event: AnyEvent) => Verdict | Promise<Verdict>
type Dispatch = (event: AnyEvent) => Promise<unknown>

/** What they answer depends on the event, so that no compiler leaves them out. */
const answerAtOnce: Judge = (event) => {
  if (event.id === '') throw new TypeError('The event has no id.')
  return proceed()
}

const answerLater: Judge = async (event) => answerAtOnce(event)

const principal: Principal = {
  id: 'bench',
  name: 'bench',
  tenant: 'default',
  roles: ['publisher'],
  scopes: [],
  resource: null,
}

function throughPipeline(functions: readonly Judge[]): Dispatch {
  const lineUp = new LineUp((type) => [type])
  for (const [index, run] of functions.entries()) lineUp.register({ name: `judge-${index}`, kind: 'judge', run })
  const dependencies = { circumstances: { tenant: 'default', principal }, recheck() {}, now: Date.now }
  return (event) => judge(startRun(event), lineUp.for(event.type).judges, dependencies)
}

function throughLoop(functions: readonly Judge[]): Dispatch {
  return async (event) => {
    for (const run of functions) {
      const verdict = await run(event)
      if (verdict.verdict !== 'continue') return verdict
    }
    return undefined
  }
}

async function rateOf(count: number, dispatch: Dispatch): Promise<number> {
  const event = eventAt(0)
  const started = performance.now()
  for (let index = 0; index < count; index++) await dispatch(event)
  return (count / (performance.now() - started)) * 1_000
}
