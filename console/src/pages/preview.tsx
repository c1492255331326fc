/**
 * What a subscription like this would have heard of the latest events, and why it would not have heard of the rest.
 */
import { useEffect, useState } from 'preact/hooks'
import { api, ask } from '../api/client.js'
import { useSubscriptions } from '../api/subscriptions.js'
import { useAsk } from '../api/use-ask.js'
import { Name, unpadded } from '../ui/name.js'
import { Empty, Fault } from '../ui/notice.js'
import { State } from '../ui/state.js'
import { Table } from '../ui/table.js'
import { Time } from '../ui/time.js'
import { type Draft, heardBy } from './draft.js'

/** Milliseconds without a keystroke. */
const QUIET = 400

export function Preview({ draft }: { readonly draft: Draft }) {
  const { nameOf } = useSubscriptions()
  const wish = useQuiet(askable(draft))
  const { data, problem } = useAsk(
    () => (wish ? ask(api.POST('/v1/subscriptions/preview', { body: wish })) : Promise.resolve(null)),
    [wish],
  )
  const told = data?.items.filter((each) => each.told).length ?? 0
  return (
    <section class="card" aria-live="polite">
      <h2>What it would have heard</h2>
      {!wish && <Empty>Choose what it wants to hear of.</Empty>}
      {wish && <Fault of={problem} />}
      {data && (
        <>
          <p>
            Of the latest {data.items.length} events it would have heard <strong>{told}</strong>.
          </p>
          <Table
            label="Latest events"
            rows={data.items.slice(0, 10)}
            keyOf={({ event }) => event.sequence + String(event.event.id)}
            columns={[
              {
                name: 'Told',
                cell: (row) => (row.told ? <State of="done" label="told" /> : <State of="not-told" label="not told" />),
              },
              { name: 'Event', cell: ({ event }) => <Name of={String(event.event.type)} /> },
              { name: 'About', long: true, cell: ({ event }) => nameOf(String(event.event.subject ?? '–')) },
              {
                name: 'Why not',
                wide: true,
                cell: ({ decisions }) => unpadded(decisions.find(({ passed }) => !passed)?.text ?? ''),
              },
              { name: 'Received', cell: ({ event }) => <Time at={event.receivedAt} /> },
            ]}
          />
        </>
      )}
    </section>
  )
}

/** Null: there is not enough to ask by. */
function askable(draft: Draft) {
  try {
    const wish = heardBy(draft)
    return wish.types.length === 0 ? null : wish
  } catch {
    return null
  }
}

/** The value once it has been the same for a moment. */
function useQuiet<Value>(value: Value): Value {
  const [quiet, set] = useState(value)
  const text = JSON.stringify(value)
  useEffect(() => {
    const timer = setTimeout(() => set(JSON.parse(text) as Value), QUIET)
    return () => clearTimeout(timer)
  }, [text])
  return quiet
}
