/**
 * Where a subscription sends to; changed by the form that its transport asks for.
 */
import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { Subscription } from '../api/client.js'
import { useTransports } from '../api/transports.js'
import { type Schema, SchemaForm } from '../ui/schema-form.js'
import { Shown } from '../ui/shown.js'
import { asPatch, EditCard, EditForm, type EditProps } from './subscription-edit.js'

interface TargetProps {
  readonly of: Subscription
  again(): void
}

export const Target = (props: TargetProps) => <EditCard {...props} title="Where to" Facts={Facts} Edit={Edit} />

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
