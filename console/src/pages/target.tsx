/**
 * Where a subscription sends to; changed by the form that its transport asks for.
 */
import { useState } from 'preact/hooks'
import { api, ask, type Subscription } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { useMay } from '../session.js'
import { type Schema, SchemaForm } from '../ui/schema-form.js'
import { asPatch, EditForm, type EditProps } from './subscription-edit.js'

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

function Edit({ of, done, leave }: EditProps) {
  const [target, set] = useState<Readonly<Record<string, unknown>>>(of.target)
  const schema = useTransports()?.find(({ name }) => name === of.transport)?.target as Schema | undefined
  if (!schema) return null
  return (
    <EditForm
      {...{ of, done, leave }}
      saved={`${of.name} is told there from now on.`}
      patch={() => ({ target: asPatch(of.target, target) })}
      fields={(wrong) => <SchemaForm schema={schema} value={target} wrong={wrong} keepsSecrets change={set} />}
    />
  )
}
