/**
 * What of an event is left out for a subscription, and which classes of it are seen all the same.
 */
import { api, ask } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { useSession } from '../session.js'
import type { WishProps } from './wish.js'

export function Redaction({ wish, change }: WishProps) {
  // Others may not grant classes.
  const { wholeTenant } = useSession()
  return (
    <>
      <label class="check">
        <input
          type="checkbox"
          checked={wish.redacted}
          onChange={({ currentTarget: { checked } }) => change({ redacted: checked })}
        />
        <span>
          Leave out what is sensitive <small>names, addresses and what else the catalogue marks</small>
        </span>
      </label>
      {wish.redacted && wholeTenant && <Sees wish={wish} change={change} />}
    </>
  )
}

function Sees({ wish: { sees }, change }: WishProps) {
  const classes = useClasses()
  const toggle = (name: string) =>
    change({ sees: sees.includes(name) ? sees.filter((each) => each !== name) : [...sees, name] })
  return (
    <fieldset>
      <legend>But it sees</legend>
      <p class="faint small">
        The fields of these classes; <code>sensitive</code> is what is marked and of no other class.
      </p>
      <div class="chips">
        {classes.map((name) => (
          <button key={name} type="button" aria-pressed={sees.includes(name)} onClick={() => toggle(name)}>
            {name}
          </button>
        ))}
      </div>
    </fieldset>
  )
}

/** Of the catalogue; `sensitive` is of any. */
function useClasses(): readonly string[] {
  const { data } = useAsk(() => ask(api.GET('/v1/types')), [])
  const named = (data?.items ?? []).flatMap(({ classes }) => Object.keys(classes ?? {}))
  return [...new Set([...named.sort(), 'sensitive'])]
}
