/**
 * What a tenant may have of what all share.
 */
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
    let { weight, eventsPerSecond, unfinishedTasks }: Limits = tenant
    confirm({
      title: `What ${name} may have`,
      body: (
        <div class="stack">
          <Whole
            label="Weight"
            of={weight}
            max={100}
            hint="1"
            set={(value) => (weight = value ?? 1)}
            about="Its share of the workers while other tenants have something due too; most weigh 1."
          />
          <Whole
            label="Events a second"
            of={eventsPerSecond}
            hint="no limit"
            set={(value) => (eventsPerSecond = value)}
            about="What it may publish on all nodes together. Who publishes more is told to come again later."
          />
          <Whole
            label="Unfinished tasks"
            of={unfinishedTasks}
            hint="no limit"
            set={(value) => (unfinishedTasks = value)}
            about="With so many it may publish nothing until some are done."
          />
        </div>
      ),
      act: 'Set it',
      async work() {
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

interface Asked {
  readonly label: string
  readonly of: number | null
  readonly max?: number
  /** What it is when nothing is given. */
  readonly hint: string
  readonly about: string
  set(value: number | null): void
}

const Whole = ({ label, of, max, hint, about, set }: Asked) => (
  <label>
    {label}
    <input
      type="number"
      min={1}
      max={max}
      placeholder={hint}
      defaultValue={of ?? ''}
      onInput={({ currentTarget: { valueAsNumber } }) => set(valueAsNumber || null)}
    />
    <small class="faint">{about}</small>
  </label>
)
