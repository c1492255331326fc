/**
 * The life of an event in the order it went: received, judged, told, attempt by attempt.
 */
import type { ComponentChildren } from 'preact'
import type { Timeline } from '../api/client.js'
import { to } from '../router.js'
import { State } from '../ui/state.js'
import { span, Time } from '../ui/time.js'

interface Moment {
  readonly at: string
  readonly tone: string
  readonly text: ComponentChildren
  readonly more?: string | null
}

const GOOD = ['executed', 'delivered']
const BAD = ['exception', 'refused']

const toneOf = (word: string): string => (GOOD.includes(word) ? 'good' : BAD.includes(word) ? 'bad' : 'warn')

function momentsOf({ receivedAt, state, results, tasks }: Timeline, nameOf: (id: string) => string): readonly Moment[] {
  const received: Moment = { at: receivedAt, tone: 'good', text: <>Received, and {state}</> }
  const processors = results.map(
    ({ processor, kind, state: was, verdict, message, cause, startedAt, endedAt }): Moment => ({
      at: endedAt ?? startedAt,
      tone: toneOf(was),
      text: (
        <>
          {kind} <a href={to('processor', { name: processor })}>{processor}</a> {verdict ?? was}
        </>
      ),
      more: message ?? cause,
    }),
  )
  const attempts = tasks.flatMap(({ id, subscription, history }) =>
    history.map(
      ({ number, outcome, code, message, endedAt, milliseconds }): Moment => ({
        at: endedAt,
        tone: toneOf(outcome),
        text: (
          <>
            <a href={to('task', { id })}>{nameOf(subscription)}</a>, attempt {number}: <State of={outcome} />{' '}
            {code && <code>{code}</code>} <span class="faint small">in {span(milliseconds)}</span>
          </>
        ),
        more: outcome === 'delivered' ? null : message,
      }),
    ),
  )
  const rest = [...processors, ...attempts].sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
  return [received, ...rest]
}

export function Moments({ of, nameOf }: { readonly of: Timeline; nameOf(id: string): string }) {
  const begun = Date.parse(of.receivedAt)
  const moments = momentsOf(of, nameOf)
  const waiting = of.tasks.filter(({ endedAt }) => endedAt === null)
  return (
    <ol class="steps">
      {moments.map(({ at, tone, text, more }, index) => (
        <li key={`${at}${index}`} class={tone}>
          <div>{text}</div>
          {more && <div class="small">{more}</div>}
          <div class="when">
            <Time at={at} fine />
            {index > 0 && ` · ${span(Math.max(0, Date.parse(at) - begun))} after it came`}
          </div>
        </li>
      ))}
      {waiting.map(({ id, subscription, state, wakeAt }) => (
        <li key={id}>
          <div>
            <a href={to('task', { id })}>{nameOf(subscription)}</a>: <State of={state} />
          </div>
          {wakeAt && (
            <div class="when">
              next try <Time at={wakeAt} fine />
            </div>
          )}
        </li>
      ))}
    </ol>
  )
}
