/**
 * Who is signed in, and what that allows: for those too who see no other keys.
 */
import { to } from '../router.js'
import { useMay, useSession } from '../session.js'
import { Time } from '../ui/time.js'

export function OwnKey() {
  const { id, name, tenant, roles, scopes, resource, wholeTenant, allTenants, until } = useSession()
  const seesKeys = useMay('keys:read')
  return (
    <>
      <h1>Your key</h1>
      <section class="card">
        <dl class="facts">
          <dt>Name</dt>
          <dd>{name}</dd>
          <dt>Id</dt>
          <dd class="mono">{id}</dd>
          <dt>Tenant</dt>
          <dd>{allTenants ? `${tenant}, and every other` : tenant}</dd>
          <dt>Roles</dt>
          <dd>{roles.join(', ')}</dd>
          <dt>It sees</dt>
          <dd>{wholeTenant ? 'everything of the tenant' : `what ${resource ?? 'it has subscribed'} may see`}</dd>
          <dt>It may</dt>
          <dd>{scopes.join(', ') || 'nothing'}</dd>
          <dt>This session ends</dt>
          <dd>
            <Time at={until} />
          </dd>
        </dl>
      </section>
      <p>
        {seesKeys ? (
          <a href={to('keys')}>All keys</a>
        ) : (
          'Whoever runs this Tocsin makes further keys and revokes them. Tell them the id if this one fell into other hands.'
        )}
      </p>
    </>
  )
}
