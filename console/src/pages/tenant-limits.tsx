/**
 * What a tenant may have of what all share.
 */
import { useState } from 'preact/hooks'
import { api, ask, type Tenant } from '../api/client.js'
import { confirm } from '../ui/deeds.js'

type Limits = Pick<Tenant, 'weight' | 'eventsPerSecond' | 'unfinishedTasks'>

/** In a cell of the list. */
export function limitsInWords({ weight, eventsPerSecond, unfinishedTasks }: Limits): string {
  const words = [
    ...(weight === 1 ? [] : [`weighs ${weight}`]),
    ...(eventsPerSecond === null ? [] : [`${eventsPerSecond.toLocaleString()} events a second`]),
    ...(unfinishedTasks === null ? [] : [`${unfinishedTasks.toLocaleString()} unfinished tasks`]),
  ]
  return words.join(', ') || 'none'
}

export function SetLimits({ of: tenant, again }: { readonly of: Tenant; again(): void }) {
  const { id, name } = tenant
  const change = () => {
    let wanted: Limits = tenant
    confirm({
      title: `What ${name} may have`,
      body: <Fields of={tenant} changed={(next) => (wanted = next)} />,
      act: 'Set it',
      async work() {
        const { weight, eventsPerSecond, unfinishedTasks } = wanted
        const body = { weight, eventsPerSecond, unfinishedTasks }
        await ask(api.PATCH('/v1/tenants/{id}', { params: { path: { id } }, body }))
        again()
        return `The limits of ${name} are set; every node keeps to them within five seconds.`
      },
    })
  }
  return (
    <button type="button" onClick={change}>
      Limits …<span class="hidden"> of {name}</span>
    </button>
  )
}

function Fields({ of, changed }: { readonly of: Limits; changed(limits: Limits): void }) {
  const [limits, set] = useState(of)
  const take = (next: Partial<Limits>) => {
    const all = { ...limits, ...next }
    set(all)
    changed(all)
  }
  return (
    <div class="stack">
      <label>
        Weight
        <input
          type="number"
          min={1}
          max={100}
          value={limits.weight}
          onInput={({ currentTarget: { valueAsNumber } }) => take({ weight: valueAsNumber || 1 })}
        />
        <small class="faint">Its share of the workers while other tenants have something due too; most weigh 1.</small>
      </label>
      <label>
        Events a second
        <input
          type="number"
          min={1}
          placeholder="no limit"
          value={limits.eventsPerSecond ?? ''}
          onInput={({ currentTarget: { valueAsNumber } }) => take({ eventsPerSecond: valueAsNumber || null })}
        />
        <small class="faint">
          What it may publish on all nodes together. Who publishes more is told to come again later.
        </small>
      </label>
      <label>
        Unfinished tasks
        <input
          type="number"
          min={1}
          placeholder="no limit"
          value={limits.unfinishedTasks ?? ''}
          onInput={({ currentTarget: { valueAsNumber } }) => take({ unfinishedTasks: valueAsNumber || null })}
        />
        <small class="faint">With so many it may publish nothing until some are done.</small>
      </label>
    </div>
  )
}
