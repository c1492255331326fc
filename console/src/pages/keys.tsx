/**
 * Who may call: made, shown once, revoked.
 */
import { useState } from 'preact/hooks'
import { api, ask, type Key } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { useMay, useSession } from '../session.js'
import { confirm, useDoing } from '../ui/deeds.js'
import { Listed, usePage } from '../ui/listed.js'
import { Fault } from '../ui/notice.js'
import { State } from '../ui/state.js'
import { ACTIONS } from '../ui/table.js'
import { Time } from '../ui/time.js'
import { ShownOnce } from './subscription.js'

const ROLES = {
  reader: 'sees everything of the tenant, changes nothing',
  subscriber: 'has subscriptions of its own',
  publisher: 'hands events in and changes resources',
  admin: 'everything in the tenant',
  operator: 'everything in every tenant',
} as const
type Role = keyof typeof ROLES

export function Keys() {
  const page = usePage()
  const may = useMay('keys:write')
  const asked = useAsk(() => ask(api.GET('/v1/keys', { params: { query: page } })), [page])
  const { again } = asked
  return (
    <>
      <h1>Keys</h1>
      {may && <NewKey made={again} />}
      <Listed
        of={asked}
        label="Keys"
        keyOf={({ id }) => id}
        columns={[
          { name: 'Name', cell: ({ name }) => name },
          { name: 'Roles', cell: ({ roles }) => roles.join(', ') },
          {
            name: 'May only',
            wide: true,
            cell: ({ scopes, resource }) => (
              <>
                {scopes.join(', ')}
                {resource && <div>as {resource}</div>}
                {scopes.length === 0 && !resource && <span class="faint">all its roles may</span>}
              </>
            ),
          },
          { name: 'Id', cell: ({ id }) => <code>{id}</code> },
          { name: 'Made', cell: ({ createdAt }) => <Time at={createdAt} /> },
          { name: 'State', cell: (key) => <InForce of={key} /> },
          { name: ACTIONS, cell: (key) => (may && isInForce(key) ? <Revoke of={key} again={again} /> : null) },
        ]}
      />
    </>
  )
}

const isInForce = ({ revokedAt, expiresAt }: Key): boolean =>
  revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > Date.now())

function InForce({ of }: { readonly of: Key }) {
  if (of.revokedAt !== null) return <State of="not-executed" label="revoked" />
  if (!isInForce(of)) return <State of="not-executed" label="expired" />
  return (
    <>
      <State of="ok" label="in force" />
      {of.expiresAt && (
        <div class="faint small">
          until <Time at={of.expiresAt} />
        </div>
      )}
    </>
  )
}

function Revoke({ of: { id, name }, again }: { readonly of: Key; again(): void }) {
  const own = useSession().id === id
  const revoke = () =>
    confirm({
      title: `Revoke the key of ${name}`,
      body: own
        ? 'It is the key you are signed in with: you are signed out at once, and need another one.'
        : 'Whoever calls with it is refused within five seconds, everywhere. It cannot be undone; make a new one instead.',
      act: 'Revoke it',
      danger: true,
      async work() {
        await ask(api.DELETE('/v1/keys/{id}', { params: { path: { id } } }))
        again()
        return `The key of ${name} is revoked.`
      },
    })
  return (
    <button type="button" class="danger" onClick={revoke}>
      Revoke …<span class="hidden"> {name}</span>
    </button>
  )
}

function NewKey({ made }: { made(): void }) {
  const { allTenants } = useSession()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('reader')
  const [resource, setResource] = useState('')
  const [ends, setEnds] = useState('')
  const [shown, show] = useState<string>()
  const { busy, problem, run } = useDoing()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void run(async () => {
      const body = {
        name,
        roles: [role],
        ...(resource !== '' && { resource }),
        ...(ends !== '' && { expiresAt: new Date(ends).toISOString() }),
      }
      const { key } = await ask(api.POST('/v1/keys', { body }))
      show(key)
      setName('')
      made()
      return `There is a key for ${name}.`
    })
  }
  const roles = (Object.keys(ROLES) as Role[]).filter((each) => each !== 'operator' || allTenants)
  return (
    <section class="card">
      <h2>A new key</h2>
      {shown && <ShownOnce text={shown} />}
      <form class="filters" onSubmit={submit}>
        <label>
          For whom
          <input required maxLength={200} value={name} onInput={({ currentTarget: { value } }) => setName(value)} />
        </label>
        <label>
          Role
          <select value={role} onChange={({ currentTarget: { value } }) => setRole(value as Role)}>
            {roles.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          In the place of a resource
          <input
            placeholder="its id; empty: none"
            value={resource}
            onInput={({ currentTarget: { value } }) => setResource(value)}
          />
        </label>
        <label>
          Ends
          <input type="datetime-local" value={ends} onInput={({ currentTarget: { value } }) => setEnds(value)} />
        </label>
        <div>
          <button type="submit" class="main" disabled={busy}>
            Make it
          </button>
        </div>
      </form>
      <p class="faint small below">
        {role}: {ROLES[role]}
        {role === 'subscriber' && '; it needs the resource it speaks for'}.
      </p>
      <Fault of={problem} />
    </section>
  )
}
