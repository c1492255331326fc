/**
 * How a subscription is told: retries, pace, order, several in one message; by the form that the description of the API asks for.
 */
import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import { api, type Subscription } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { Loading } from '../ui/notice.js'
import { type Schema, SchemaForm } from '../ui/schema-form.js'
import { count, span } from '../ui/time.js'
import { asPatch, EditCard, EditForm, type EditProps } from './subscription-edit.js'

export type Manner = Readonly<Record<string, unknown>>

const NAMES = [
  ...['order', 'retry', 'rate', 'digest', 'concurrency', 'timeout', 'disableAfter', 'duplicates', 'record'],
] as const

interface Described {
  readonly components: { readonly schemas: { readonly SubscriptionInput: Schema } }
}

/** What is said once, of a new one. */
const ONCE = ['delivery']

/** The part of what a subscriber may say. */
async function schemaOf(names: readonly string[]): Promise<Schema> {
  const { data } = await api.GET('/openapi.json' as never, {} as never)
  const all = (data as Described | undefined)?.components.schemas.SubscriptionInput.properties ?? {}
  return { properties: Object.fromEntries(names.flatMap((name) => (all[name] ? [[name, all[name]]] : []))) }
}

const mannerOf = (of: Subscription): Manner =>
  Object.fromEntries(
    Object.entries({ ...of, retry: saidOf(of.retry) }).filter(
      ([name, value]) => NAMES.some((each) => each === name) && value !== null,
    ),
  )

/** What follows from a list of waits is not said beside it. */
const saidOf = ({ attempts, firstDelay, maxDelay, delays }: Subscription['retry']) =>
  delays ? { attempts, delays } : { attempts, firstDelay, maxDelay }

export function MannerForm({ value, wrong, change, isNew = false }: FormProps) {
  const { data } = useAsk(() => schemaOf(isNew ? [...NAMES, ...ONCE] : NAMES), [isNew])
  return data ? <SchemaForm schema={data} value={value} wrong={wrong} change={change} /> : <Loading />
}

interface FormProps {
  readonly value: Manner
  readonly wrong: string | undefined
  readonly isNew?: boolean
  change(value: Manner): void
}

interface CardProps {
  readonly of: Subscription
  again(): void
}

export const MannerCard = (props: CardProps) => (
  <EditCard {...props} title="How it is told" label="Change how it is told" Facts={Facts} Edit={Edit} />
)

/** In words; what is not said is left out. */
const Facts = ({ of }: { readonly of: Subscription }) => (
  <dl class="facts">
    {factsOf(of).map(([name, words]) => (
      <Fragment key={name}>
        <dt>{name}</dt>
        <dd>{words}</dd>
      </Fragment>
    ))}
  </dl>
)

function factsOf(of: Subscription): readonly (readonly [name: string, words: string])[] {
  const { rate, digest, disableAfter, duplicates, record } = mannerOf(of)
  return [
    ['Order', ORDERS[of.order] + (of.delivery === 'log' ? ', reading the log itself' : '')],
    ['Tries', triesOf(of.retry)],
    ['At once', count(of.concurrency)],
    ['One try', `at most ${span(of.timeout)}`],
    ...said('Pace', rate, `at most ${rate} a second`),
    ...said('Together', digest, inWords(digest)),
    ...said('Disabled', disableAfter, `after ${disableAfter} failures in a row`),
    ...said('Duplicates', duplicates, inWords(duplicates)),
    ...said('Recorded', record, inWords(record)),
  ]
}

const ORDERS: Readonly<Record<Subscription['order'], string>> = {
  strict: 'strict: one after another, key by key',
  latest: 'latest: older ones of a key and type that wait are dropped',
  none: 'none: whatever is ready goes',
}

const said = (name: string, value: unknown, words: string) => (value === undefined ? [] : [[name, words] as const])

function triesOf({ attempts, firstDelay, maxDelay, delays }: Subscription['retry']): string {
  if (attempts === 1) return 'one, and no further'
  if (delays)
    return `${attempts}, again after ${delays
      .slice(0, attempts - 1)
      .map(span)
      .join(', ')}`
  return `${attempts}, the first again after ${span(firstDelay)}, at most ${span(maxDelay)} apart`
}

const inWords = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .filter(([, each]) => each !== null)
        .map(([name, each]) => `${name} ${Array.isArray(each) ? each.join(', ') : each}`)
        .join('; ')
    : String(value)

function Edit({ of, done, leave }: EditProps) {
  const before = mannerOf(of)
  const [manner, set] = useState(before)
  return (
    <EditForm
      {...{ of, done, leave }}
      saved={`${of.name} is told so from now on.`}
      patch={() => changed(before, manner)}
      fields={(wrong) => <MannerForm value={manner} wrong={wrong} change={set} />}
    />
  )
}

/** What is as it was is not sent: the rest of it would be set too. */
const changed = (before: Manner, after: Manner): Manner =>
  Object.fromEntries(
    Object.entries(asPatch(before, after)).filter(
      ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
    ),
  )
