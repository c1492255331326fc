/**
 * One event closely: what happened to it when, and why somebody did not hear of it. This is what
 * `tocsin events show` and `tocsin explain` answer.
 */
import type { Api } from '../api.js'
import type { Entry } from '../ledger.js'
import type { Subscriber } from '../subscribers.js'
import { count, many, type Paint, type Screen, wrapped } from './paint.js'

export interface Chosen {
  readonly entry: Entry
  readonly subscriptions: Readonly<Record<Subscriber, string>>
}

interface Timeline {
  readonly event: { readonly subject?: string }
  readonly receivedAt: string
  readonly tasks: readonly {
    readonly subscription: string
    readonly history: readonly {
      readonly number: number
      readonly outcome: string
      readonly code: string | null
      readonly endedAt: string
    }[]
  }[]
}

export async function timeline({ say, paint }: Screen, api: Api, { entry, subscriptions }: Chosen): Promise<void> {
  const path = `/v1/events/${encodeURIComponent(entry.id)}/timeline?source=${encodeURIComponent(entry.source)}`
  const told = (await api.call('GET', path)) as Timeline
  const begun = Date.parse(told.receivedAt)
  const subject = told.event.subject ?? 'nothing in particular'
  say(`${paint.strong('The life of one event')}: ${entry.type} about ${subject}`)
  say(at(0, `accepted: checked, judged, on disk with ${many(told.tasks.length, 'task')}, one for each who is told`))
  const names = new Map(Object.entries(subscriptions).map(([name, id]) => [id, name]))
  const attempts = told.tasks.flatMap(({ subscription, history }) =>
    history.map((attempt) => ({ ...attempt, name: names.get(subscription) ?? subscription })),
  )
  attempts.sort((a, b) => Date.parse(a.endedAt) - Date.parse(b.endedAt))
  for (const { name, number, outcome, code, endedAt } of attempts)
    say(at(Date.parse(endedAt) - begun, `${name.padEnd(10)}attempt ${number}: ${code}, ${inWords(outcome, paint)}`))
  say()
}

const at = (milliseconds: number, text: string): string => `  ${`${count(milliseconds)} ms`.padStart(8)}  ${text}`

const inWords = (outcome: string, paint: Paint): string =>
  outcome === 'delivered' ? paint.good('delivered') : paint.warn(outcome === 'retry' ? 'to be tried again' : outcome)

interface Explanation {
  readonly decisions: readonly { readonly step: string; readonly passed: boolean; readonly text: string }[]
}

const INDENT = 16

export async function whyNot(
  { say, paint, columns }: Screen,
  api: Api,
  { entry, subscriptions }: Chosen,
): Promise<void> {
  const query = `event=${encodeURIComponent(entry.id)}&source=${encodeURIComponent(entry.source)}`
  const path = `/v1/subscriptions/${subscriptions.directory}/explain?${query}`
  const { decisions } = (await api.call('GET', path)) as Explanation
  say(paint.strong('Why did the directory not hear of it?'))
  for (const { step, passed, text } of decisions) {
    const [first = '', ...more] = wrapped(text, columns - INDENT)
    say(`  ${passed ? paint.good('✓') : paint.bad('✗')} ${step.padEnd(INDENT - 4)}${first}`)
    for (const line of more) say(' '.repeat(INDENT) + line)
  }
  say()
}
