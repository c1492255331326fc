/**
 * One deed for everything the filter finds, on further pages too: counted first, asked once, and seen while it goes on.
 */
import { api, ask } from '../api/client.js'
import type { Action } from '../api/tasks.js'
import { begin } from '../api/works.js'
import { useSession } from '../session.js'
import { confirm } from '../ui/deeds.js'
import { many } from '../ui/time.js'
import { Counted } from './redrive.js'

type Filter = Readonly<Record<string, string | string[]>>

/** Names of lists are in the plural in a body. */
const LISTS: Readonly<Record<string, string>> = {
  state: 'states',
  type: 'types',
  priority: 'priorities',
  code: 'codes',
}

export const asBody = (filter: Filter): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(filter).map(([name, value]) => {
      if (name === 'local') return [name, value === 'true']
      const list = LISTS[name]
      return list === undefined ? [name, value] : [list, [value].flat()]
    }),
  )

interface Deed {
  readonly act: string
  readonly effect: string
  readonly danger?: boolean
  readonly more?: { readonly priority: 'high' | 'normal' }
}

const DEEDS: Readonly<Record<string, Deed & { readonly action: Action }>> = {
  retry: { action: 'retry', act: 'Send again', effect: 'will be tried again now, each in its order' },
  cancel: { action: 'cancel', act: 'Stop', effect: 'will not be sent; they can be sent again later', danger: true },
  raise: { action: 'priority', act: 'High priority', effect: 'will go before normal ones', more: { priority: 'high' } },
  lower: { action: 'priority', act: 'Normal priority', effect: 'will wait their turn', more: { priority: 'normal' } },
  remove: { action: 'delete', act: 'Delete', effect: 'will go from the queue for good; the events stay', danger: true },
}

export function Bulk({ filter, again }: { readonly filter: Filter; again(): void }) {
  const { id: who } = useSession()
  const pose = ({ action, act, effect, danger = false, more }: Deed & { readonly action: Action }) => {
    const body = { action, ...more, filter: asBody(filter) }
    const counted = () => ask(api.POST('/v1/tasks/bulk', { body: { ...body, dryRun: true } as never }))
    confirm({
      title: `${act} all that the filter finds`,
      body: (
        <Counted ask={counted}>
          {(number) => `${many(number, 'task')} ${effect}. Those in a state that does not allow it stay as they are.`}
        </Counted>
      ),
      act,
      danger,
      async work() {
        const { count: total } = await counted()
        const words = (count: number) => `${act}: done to ${many(count, 'task')}.`
        const said = await begin({ title: act, who, noun: 'task', total, deed: { kind: 'bulk', body }, words })
        again()
        return said
      },
    })
  }
  return (
    <div class="buttons one">
      <span class="faint small">With all the filter finds:</span>
      {Object.entries(DEEDS).map(([name, deed]) => (
        <button key={name} type="button" onClick={() => pose(deed)}>
          {deed.act} …
        </button>
      ))}
    </div>
  )
}
