/**
 * Who shares this instance; for its operators.
 */
import { useState } from 'preact/hooks'
import { api, ask, type Tenant } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { useMay } from '../session.js'
import { confirm, useDoing } from '../ui/deeds.js'
import { Listed, usePage } from '../ui/listed.js'
import { Fault } from '../ui/notice.js'
import { State } from '../ui/state.js'
import { ACTIONS } from '../ui/table.js'
import { Time } from '../ui/time.js'
import { limitsInWords, SetLimits } from './tenant-limits.js'

export function Tenants() {
  const may = useMay('tenants:write')
  const page = usePage()
  const asked = useAsk(() => ask(api.GET('/v1/tenants', { params: { query: page } })), [page])
  const { again } = asked
  return (
    <>
      <h1>Tenants</h1>
      {may && <NewTenant made={again} />}
      <Listed
        of={asked}
        label="Tenants"
        keyOf={({ id }) => id}
        columns={[
          { name: 'Name', cell: ({ name }) => name },
          { name: 'Id', cell: ({ id }) => <code>{id}</code> },
          { name: 'Event types', cell: ({ openTypes }) => (openTypes ? 'any' : 'of the catalogue') },
          { name: 'Limits', cell: limitsInWords },
          { name: 'Made', cell: ({ createdAt }) => <Time at={createdAt} /> },
          { name: 'State', cell: ({ disabled }) => <State of={disabled ? 'disabled' : 'active'} /> },
          { name: ACTIONS, cell: (tenant) => (may ? <Actions of={tenant} again={again} /> : null) },
        ]}
      />
    </>
  )
}

const Actions = (props: { readonly of: Tenant; again(): void }) => (
  <div class="buttons">
    <SetLimits {...props} />
    <Turn {...props} />
  </div>
)

function Turn({ of: { id, name, disabled }, again }: { readonly of: Tenant; again(): void }) {
  const turn = () =>
    confirm({
      title: disabled ? `Let ${name} in again` : `Shut ${name} out`,
      body: disabled
        ? 'Its keys are accepted again.'
        : 'None of its keys is accepted any more, within five seconds. What was accepted before is still delivered.',
      act: disabled ? 'Let it in' : 'Shut it out',
      danger: !disabled,
      async work() {
        await ask(api.PATCH('/v1/tenants/{id}', { params: { path: { id } }, body: { disabled: !disabled } }))
        again()
        return `${name} is ${disabled ? 'let in again' : 'shut out'}.`
      },
    })
  return (
    <button type="button" class={disabled ? '' : 'danger'} onClick={turn}>
      {disabled ? 'Let in …' : 'Shut out …'}
      <span class="hidden"> {name}</span>
    </button>
  )
}

function NewTenant({ made }: { made(): void }) {
  const [id, setId] = useState('')
  const [name, setName] = useState('')
  const [openTypes, setOpen] = useState(false)
  const { busy, problem, run } = useDoing()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void run(async () => {
      await ask(api.POST('/v1/tenants', { body: { id, name, openTypes } }))
      setId('')
      setName('')
      made()
      return `There is a tenant ${name}. Make its first key under Keys, having chosen it.`
    })
  }
  return (
    <section class="card">
      <h2>A new tenant</h2>
      <form class="filters" onSubmit={submit}>
        <label>
          Id
          <input required value={id} onInput={({ currentTarget: { value } }) => setId(value)} />
        </label>
        <label>
          Name
          <input required value={name} onInput={({ currentTarget: { value } }) => setName(value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={openTypes} onChange={({ currentTarget: { checked } }) => setOpen(checked)} />
          <span>Takes any event type</span>
        </label>
        <div>
          <button type="submit" class="main" disabled={busy}>
            Make it
          </button>
        </div>
      </form>
      <Fault of={problem} />
    </section>
  )
}
