/**
 * Where a subscription sends to; changed by the form that its transport asks for.
 */
import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { Subscription } from '../api/client.js'
import { useTransports } from '../api/transports.js'
import { useMay } from '../session.js'
import { type Schema, SchemaForm } from '../ui/schema-form.js'
import { Shown } from '../ui/shown.js'
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
        <Facts of={of} />
      )}
    </section>
  )
}

/** Named as the form names them. */
function Facts({ of }: Pick<TargetProps, 'of'>) {
  const transport = useTransports()?.find(({ name }) => name === of.transport)
  const { properties = {} } = (transport?.target ?? {}) as Schema
  return (
    <dl class="facts">
      <dt>By</dt>
      <dd>{transport?.title ?? of.transport}</dd>
      {Object.entries(of.target).map(([name, value]) => (
        <Fragment key={name}>
          <dt>{properties[name]?.title ?? name}</dt>
          <dd>
            <Shown of={value} />
          </dd>
        </Fragment>
      ))}
      <dt>Signed</dt>
      <dd>{of.hasSecret ? 'yes' : 'no'}</dd>
    </dl>
  )
}

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
