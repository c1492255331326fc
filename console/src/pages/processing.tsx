/**
 * The switch that stops asynchronous processors while events are accepted.
 */
import { api, ask } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { useMay } from '../session.js'
import { confirm } from '../ui/deeds.js'
import { State } from '../ui/state.js'

export function Processing() {
  const [sees, may] = [useMay('processors:read'), useMay('processors:write')]
  const { data, again } = useAsk(() => (sees ? ask(api.GET('/v1/processing')) : Promise.resolve(null)), [sees])
  if (!data) return null
  const set = (stopped: boolean) =>
    confirm({
      title: stopped ? 'Stop asynchronous processors' : 'Let asynchronous processors go on',
      body: stopped
        ? 'Events are accepted and subscribers are told as before; what asynchronous processors would do waits until they go on.'
        : 'What waited is worked off in its order.',
      act: stopped ? 'Stop them' : 'Go on',
      danger: stopped,
      async work() {
        await ask(api.PATCH('/v1/processing', { body: { stopped } }))
        again()
        return stopped ? 'Asynchronous processors are stopped.' : 'Asynchronous processors go on.'
      },
    })
  return (
    <span class="buttons">
      {data.stopped && <State of="paused" label="asynchronous processors are stopped" />}
      {may && (
        <button type="button" onClick={() => set(!data.stopped)}>
          {data.stopped ? 'Let processors go on …' : 'Stop processors …'}
        </button>
      )}
    </span>
  )
}
