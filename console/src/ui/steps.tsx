/**
 * Why a subscription is told of an event, or is not: each decision in the order it is taken.
 */
import { api, ask, type Explanation } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { unpadded } from './name.js'
import { Fault, Loading } from './notice.js'

/** The decisions that do not say by their name what is decided. */
const STEPS: Readonly<Record<string, string>> = {
  start: 'from when on',
  source: 'which resource',
  notSelf: 'own events',
  visibility: 'may see it',
  task: 'delivery',
}

export function Decisions({ of }: { readonly of: Explanation }) {
  const stop =
    of.decisions.find(({ passed, step }) => !passed && step !== 'task') ?? of.decisions.find(({ passed }) => !passed)
  return (
    <ol class="decisions">
      {of.decisions.map((each) => (
        <li key={each.step} class={each === stop ? 'stop' : undefined}>
          <span class={each.passed ? 'yes' : 'no'} role="img" aria-label={each.passed ? 'yes' : 'no'}>
            {each.passed ? '✓' : '✗'}
          </span>
          <span>{STEPS[each.step] ?? each.step}</span>
          <span>{unpadded(each.text)}</span>
        </li>
      ))}
    </ol>
  )
}

interface WhyProps {
  readonly event: string
  readonly source: string | undefined
  readonly subscription: string
}

export const explain = ({ event, source, subscription }: WhyProps): Promise<Explanation> =>
  ask(
    api.GET('/v1/subscriptions/{id}/explain', {
      params: { path: { id: subscription }, query: { event, ...(source !== undefined && { source }) } },
    }),
  )

export function Why(props: WhyProps) {
  const { data, problem, loading, again } = useAsk(
    () => explain(props),
    [props.event, props.source, props.subscription],
  )
  if (loading) return <Loading />
  return (
    <>
      <Fault of={problem} again={again} />
      {data && <Decisions of={data} />}
    </>
  )
}
