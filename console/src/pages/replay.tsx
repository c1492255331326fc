/**
 * Telling a subscription again what it saw, by a range of time.
 */
import { useState } from 'preact/hooks'
import { api, ask, type Subscription } from '../api/client.js'
import { begin } from '../api/works.js'
import { useSession } from '../session.js'
import { confirm } from '../ui/deeds.js'
import { many } from '../ui/time.js'
import { again, Counted } from './redrive.js'

export function Replay({ of: { id, name, delivery } }: { readonly of: Subscription }) {
  const { id: who } = useSession()
  const [from, setFrom] = useState('')
  const [till, setTill] = useState('')
  if (delivery === 'log') return null
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const body = { from: new Date(from).toISOString(), to: (till === '' ? new Date() : new Date(till)).toISOString() }
    const counted = () =>
      ask(api.POST('/v1/subscriptions/{id}/replay', { params: { path: { id } }, body: { ...body, dryRun: true } }))
    const title = `Tell ${name} again`
    confirm({
      title,
      body: (
        <Counted ask={counted}>
          {(number) => `${many(number, 'event')} of that time will be sent again, in order, those it has already too.`}
        </Counted>
      ),
      act: 'Send again',
      async work() {
        const { count: total } = await counted()
        const deed = { kind: 'replay', subscription: id, body } as const
        return begin({ title, who, noun: 'event', total, deed, words: again })
      },
    })
  }
  return (
    <section class="card">
      <h2>Tell it again</h2>
      <form class="stack" onSubmit={submit}>
        <label>
          Events received from
          <input
            type="datetime-local"
            step={1}
            required
            value={from}
            onInput={(event) => setFrom(event.currentTarget.value)}
          />
        </label>
        <label>
          and before (now, if empty)
          <input type="datetime-local" step={1} value={till} onInput={(event) => setTill(event.currentTarget.value)} />
        </label>
        <div>
          <button type="submit">Count them …</button>
        </div>
      </form>
    </section>
  )
}
