/**
 * A new subscription, step by step: what for, by which way out, where to, and what it would have heard.
 */
import { useState } from 'preact/hooks'
import { api, ask } from '../api/client.js'
import { useTransports } from '../api/transports.js'
import { to } from '../router.js'
import { useSession } from '../session.js'
import { useDoing } from '../ui/deeds.js'
import { Fault, Loading } from '../ui/notice.js'
import { type Schema, SchemaForm } from '../ui/schema-form.js'
import { State } from '../ui/state.js'
import { type Draft, EMPTY, inputOf } from './draft.js'
import { MannerForm } from './manner.js'
import { Preview } from './preview.js'
import { ShownOnce } from './subscription.js'
import { WishForm } from './wish.js'

interface Made {
  readonly id: string
  readonly name: string
  readonly secret?: string
  readonly publicKey?: string
}

export function NewSubscription() {
  const { wholeTenant } = useSession()
  const [draft, set] = useState<Draft>({ ...EMPTY, wholeTenant })
  const [made, setMade] = useState<Made>()
  const { busy, problem, run } = useDoing()
  const transports = useTransports()
  const [opened, open] = useState(false)
  if (made) return <Done of={made} />
  if (!transports) return <Loading />
  const change = (part: Partial<Draft>) => set((before) => ({ ...before, ...part }))
  const chosen = transports.find(({ name }) => name === draft.transport)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void run(async () => {
      setMade(await ask(api.POST('/v1/subscriptions', { body: inputOf(draft) })))
      return `${draft.name} is told from now on.`
    })
  }
  return (
    <>
      <h1>New subscription</h1>
      <form class="stack" onSubmit={submit}>
        <section class="card stack">
          <h2>1. Who wants to be told?</h2>
          <label>
            Name
            <input
              required
              maxLength={200}
              value={draft.name}
              onInput={({ currentTarget: { value } }) => change({ name: value })}
            />
          </label>
        </section>
        <What draft={draft} change={change} />
        <Preview draft={draft} />
        <section class="card stack">
          <h2>3. By which way?</h2>
          <div class="choices">
            {transports.map(({ name, title, promise }) => (
              <button
                key={name}
                type="button"
                aria-pressed={name === draft.transport}
                onClick={() => change({ transport: name, target: {} })}
              >
                <strong>{title}</strong>
                <span class="faint small">{promise}</span>
              </button>
            ))}
          </div>
          {chosen && (
            <SchemaForm
              key={chosen.name}
              schema={chosen.target as Schema}
              value={draft.target}
              wrong={problem?.field}
              change={(target) => change({ target })}
            />
          )}
        </section>
        <section class="card">
          <details onToggle={({ currentTarget }) => currentTarget.open && open(true)}>
            <summary>How it is told: order, retries, pace, several in one message</summary>
            {opened && (
              <MannerForm isNew value={draft.manner} wrong={problem?.field} change={(manner) => change({ manner })} />
            )}
          </details>
        </section>
        <Fault of={problem} />
        <div class="buttons">
          <button type="submit" class="main" disabled={busy || draft.transport === '' || draft.types.length === 0}>
            {busy ? 'Making it …' : 'Subscribe'}
          </button>
          <a class="button" href={to('subscriptions')}>
            Leave it
          </a>
        </div>
      </form>
    </>
  )
}

interface DraftProps {
  readonly draft: Draft
  change(part: Partial<Draft>): void
}

function What({ draft, change }: DraftProps) {
  const { wholeTenant } = useSession()
  return (
    <section class="card stack">
      <h2>2. Of what?</h2>
      <WishForm wish={draft} change={change}>
        {wholeTenant && (
          <label class="check">
            <input
              type="checkbox"
              checked={draft.wholeTenant}
              onChange={({ currentTarget: { checked } }) => change({ wholeTenant: checked })}
            />
            <span>
              Everything of the tenant <small>otherwise what the key’s own resource may see</small>
            </span>
          </label>
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={draft.start === 'earliest'}
            onChange={({ currentTarget: { checked } }) => change({ start: checked ? 'earliest' : 'now' })}
          />
          <span>
            Also what happened before <small>as far as the log goes back</small>
          </span>
        </label>
      </WishForm>
    </section>
  )
}

const Done = ({ of: { id, name, secret, publicKey } }: { readonly of: Made }) => (
  <>
    <h1>
      {name} <State of="active" />
    </h1>
    {(secret ?? publicKey) && <ShownOnce text={secret ?? publicKey ?? ''} />}
    <p>
      <a class="button main" href={to('subscription', { id })}>
        Open it, and send a test event
      </a>
    </p>
  </>
)
