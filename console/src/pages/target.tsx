/**
 * Where a subscription sends to; changed by the form that its transport asks for.
 */
import { useState } from 'preact/hooks'
import { api, ask, type Subscription } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { useMay } from '../session.js'
import { useDoing } from '../ui/deeds.js'
import { Fault } from '../ui/notice.js'
import { type Schema, SchemaForm } from '../ui/schema-form.js'

interface TargetProps {
  readonly of: Subscription
  again(): void
}

export function Target({ of, again }: TargetProps) {
  const may = useMay('subscriptions:write')
  const [editing, edit] = useState(false)
  return (
    <section class="card">
      <h2>
        Where to
        {may && !editing && (
          <span class="buttons">
            <button type="button" onClick={() => edit(true)}>
              Change
            </button>
          </span>
        )}
      </h2>
      {editing ? (
        <Edit
          of={of}
          done={() => {
            edit(false)
            again()
          }}
          leave={() => edit(false)}
        />
      ) : (
        <dl class="facts">
          <dt>By</dt>
          <dd>{of.transport}</dd>
          {Object.entries(of.target).map(([name, value]) => (
            <>
              <dt key={name}>{name}</dt>
              <dd class="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
            </>
          ))}
          <dt>Signed</dt>
          <dd>{of.hasSecret ? 'yes' : 'no'}</dd>
        </dl>
      )}
    </section>
  )
}

export const useTransports = () => useAsk(() => ask(api.GET('/v1/transports')), []).data?.items

interface EditProps {
  readonly of: Subscription
  done(): void
  leave(): void
}

function Edit({ of, done, leave }: EditProps) {
  const [target, set] = useState<Readonly<Record<string, unknown>>>(of.target)
  const schema = useTransports()?.find(({ name }) => name === of.transport)?.target as Schema | undefined
  const { busy, problem, run } = useDoing()
  if (!schema) return null
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    const fine = await run(async () => {
      await ask(
        api.PATCH('/v1/subscriptions/{id}', {
          // Somebody may have changed it since it was read.
          params: { path: { id: of.id }, header: { 'if-match': `"${of.revision}"` } },
          body: { target: asPatch(of.target, target) },
        }),
      )
      return `${of.name} is told there from now on.`
    })
    if (fine) done()
  }
  return (
    <form class="stack" onSubmit={(event) => void save(event)}>
      <SchemaForm schema={schema} value={target} wrong={problem?.field} keepsSecrets change={set} />
      <Fault of={problem} />
      <div class="buttons">
        <button type="submit" class="main" disabled={busy}>
          {busy ? 'Saving …' : 'Save'}
        </button>
        <button type="button" onClick={leave}>
          Leave it
        </button>
      </div>
    </form>
  )
}

/** JSON Merge Patch (RFC 7396): what was taken out is null; secrets, which are never shown, stay. */
export const asPatch = (
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  ...Object.fromEntries(Object.keys(before).map((name) => [name, null])),
  ...after,
})
