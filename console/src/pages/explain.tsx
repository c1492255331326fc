/**
 * Why somebody was told of an event, or was not.
 */
import { api, ask } from '../api/client.js'
import { useSubscriptions } from '../api/subscriptions.js'
import { useAsk } from '../api/use-ask.js'
import { go, to, usePlace } from '../router.js'
import { useMay } from '../session.js'
import { Empty } from '../ui/notice.js'
import { Why } from '../ui/steps.js'

/** To be chosen from. */
function Latest() {
  const may = useMay('events:read')
  const { data } = useAsk(
    () => (may ? ask(api.GET('/v1/events', { params: { query: { limit: '50' } } })) : Promise.resolve(null)),
    [may],
  )
  return (
    <datalist id="latest">
      {data?.items.map(({ sequence, event }) => (
        <option key={sequence} value={String(event.id)}>
          {[event.type, event.subject].filter(Boolean).join(' of ')}
        </option>
      ))}
    </datalist>
  )
}

export function Explain() {
  const { query } = usePlace()
  const { all } = useSubscriptions()
  const [event, subscription] = [query.get('event') ?? '', query.get('subscription') ?? '']
  const source = query.get('source') ?? undefined
  const submit = (submitted: SubmitEvent) => {
    submitted.preventDefault()
    const form = new FormData(submitted.currentTarget as HTMLFormElement)
    go(to('explain', Object.fromEntries([...form].map(([name, value]) => [name, String(value).trim()]))))
  }
  return (
    <>
      <h1>Explain</h1>
      <p>Every decision on the way from one event to one subscription, in the order it was taken.</p>
      <form class="filters" onSubmit={submit} key={query.toString()}>
        <label>
          Id of the event
          <input name="event" required defaultValue={event} list="latest" autocomplete="off" />
        </label>
        <label>
          Its source
          <input name="source" defaultValue={source ?? ''} placeholder="where several used that id" />
        </label>
        <label>
          Subscription
          <select name="subscription" required>
            <option value="">choose</option>
            {all?.map(({ id, name }) => (
              <option key={id} value={id} selected={id === subscription}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <div>
          <button type="submit" class="main">
            Explain
          </button>
        </div>
      </form>
      <Latest />
      {event === '' || subscription === '' ? (
        <Empty>
          Take the id from the receiver’s log, choose one of the latest, or find the event under{' '}
          <a href={to('events')}>Events</a>.
        </Empty>
      ) : (
        <section class="card">
          <h2>
            <a href={to('event', { id: event, source })}>{event}</a>
          </h2>
          <Why event={event} source={source} subscription={subscription} />
        </section>
      )}
    </>
  )
}
