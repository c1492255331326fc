/**
 * One processor: whether, when and on what it runs, and how it is set; every change says who is affected and is audited.
 */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { api, ask, type Processor } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { usePlace } from '../router.js'
import { useMay } from '../session.js'
import { confirm, useDoing } from '../ui/deeds.js'
import { Fault, Loading } from '../ui/notice.js'
import { type Schema, SchemaForm } from '../ui/schema-form.js'
import { OnOff } from '../ui/state.js'
import { span } from '../ui/time.js'
import { Value } from '../ui/value.js'
import { AuditTrail } from './audit.js'

type Setting = NonNullable<Parameters<typeof configure>[1]>

const configure = (
  name: string,
  body: {
    enabled?: boolean | null
    order?: number | null
    types?: string[] | null
    options?: Record<string, unknown> | null
  },
) => ask(api.PATCH('/v1/processors/{name}', { params: { path: { name } }, body }))

const HEARS = 'It runs on'

export function OneProcessor() {
  const name = usePlace().query.get('name') ?? ''
  const { data, problem, loading, again } = useAsk(
    () => ask(api.GET('/v1/processors/{name}', { params: { path: { name } } })),
    [name],
  )
  const [may, audits] = [useMay('processors:write'), useMay('audit:read')]
  if (loading) return <Loading />
  if (!data) return <Fault of={problem} again={again} />
  return (
    <>
      <h1>
        {data.name} <OnOff enabled={data.enabled} />
        {may && data.disableable && <Switch of={data} again={again} />}
      </h1>
      <Fault of={problem} again={again} />
      {data.description && <p>{data.description}</p>}
      <div class="columns">
        <About of={data} />
        {may ? <Settings key={JSON.stringify(data)} of={data} again={again} /> : <Shown of={data} />}
      </div>
      {audits && (
        <section aria-labelledby="trail">
          <h2 id="trail">Who changed it</h2>
          <AuditTrail object={name} />
        </section>
      )}
    </>
  )
}

interface Props {
  readonly of: Processor
}

interface ChangingProps extends Props {
  again(): void
}

const onWhat = ({ types }: Processor): string => types.join(', ') || 'every type'

const About = ({ of }: Props) => (
  <section class="card">
    <h2>What it is</h2>
    <dl class="facts">
      <dt>Kind</dt>
      <dd>{KINDS[of.kind] ?? of.kind}</dd>
      <dt>Order</dt>
      <dd>{of.order}</dd>
      <dt>{HEARS}</dt>
      <dd>
        {onWhat(of)}
        {of.resourceTypes.length > 0 && ` about ${of.resourceTypes.join(', ')}`}
      </dd>
      <dt>Module</dt>
      <dd>{of.module || 'nobody says'}</dd>
      <dt>Time it has</dt>
      <dd>{span(of.deadline)}</dd>
      <dt>When it fails</dt>
      <dd>{of.onError === 'continue' ? 'the event goes on' : REJECTED[of.kind]}</dd>
      {of.set.length > 0 && (
        <>
          <dt>Set at run time</dt>
          <dd>{of.set.join(', ')}</dd>
        </>
      )}
    </dl>
  </section>
)

const REJECTED: Readonly<Record<string, string>> = {
  judge: 'the event is refused',
  asynchronous: 'it is tried again, and what follows waits',
}

const KINDS: Readonly<Record<string, string>> = {
  judge: 'judge: may change or refuse an event before it is kept',
  witness: 'witness: sees what is true, while the publisher waits',
  asynchronous: 'asynchronous: from the queue',
}

const Shown = ({ of: { options } }: Props) => (
  <section class="card">
    <h2>Options</h2>
    <Value of={options} />
  </section>
)

/** What the change means, before it is made. */
const Affected = ({ of }: Props): ComponentChildren => (
  <p>
    It concerns {onWhat(of)}. From the next event on, on every node; what is under way is not touched. The audit trail
    keeps who did it.
  </p>
)

function Switch({ of, again }: ChangingProps) {
  const { name, enabled } = of
  const turn = () =>
    confirm({
      title: enabled ? `Switch ${name} off` : `Switch ${name} on`,
      body: <Affected of={of} />,
      act: enabled ? 'Switch off' : 'Switch on',
      danger: enabled,
      async work() {
        await configure(name, { enabled: !enabled })
        again()
        return `${name} is ${enabled ? 'off' : 'on'}.`
      },
    })
  return (
    <span class="buttons">
      <button type="button" class={enabled ? 'danger' : 'main'} onClick={turn}>
        {enabled ? 'Switch off …' : 'Switch on …'}
      </button>
    </span>
  )
}

function Settings({ of, again }: ChangingProps) {
  const [order, setOrder] = useState(of.order)
  const [types, setTypes] = useState(of.types.join('\n'))
  const [options, setOptions] = useState<Readonly<Record<string, unknown>>>(of.options)
  const { busy, problem, run } = useDoing()
  const schema = of.optionsSchema as Schema | null
  const wanted = types.split('\n').filter((type) => type.trim() !== '')
  const setting: Setting = {
    ...(order !== of.order && { order }),
    ...(wanted.join('\n') !== of.types.join('\n') && { types: wanted.length > 0 ? wanted : null }),
    ...(JSON.stringify(options) !== JSON.stringify(of.options) && { options }),
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void run(async () => {
      await configure(of.name, setting)
      again()
      return `${of.name} is set.`
    })
  }
  return (
    <section class="card">
      <h2>How it is set</h2>
      <form class="stack" onSubmit={submit}>
        <label>
          Order <small>ascending; with the same order, as they were registered</small>
          <input
            type="number"
            step={1}
            value={order}
            required
            onInput={({ currentTarget: { valueAsNumber } }) => setOrder(valueAsNumber)}
          />
        </label>
        <label>
          Event types, one a line <small>empty: as its code says</small>
          <textarea rows={3} value={types} onInput={({ currentTarget: { value } }) => setTypes(value)} />
        </label>
        {schema ? (
          <SchemaForm schema={schema} value={options} wrong={problem?.field} keepsSecrets change={setOptions} />
        ) : (
          <p class="faint">It has no options.</p>
        )}
        {Object.keys(setting).length > 0 && <Affected of={of} />}
        <Fault of={problem} />
        <div class="buttons">
          <button type="submit" class="main" disabled={busy || Object.keys(setting).length === 0}>
            {busy ? 'Saving …' : 'Save'}
          </button>
        </div>
      </form>
    </section>
  )
}
