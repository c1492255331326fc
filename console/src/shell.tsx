/**
 * What is around every page: where one can go, who one is, whether the line to the server stands.
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { api, ask } from './api/client.js'
import { useLine } from './api/tail.js'
import { useAsk } from './api/use-ask.js'
import { to } from './router.js'
import { Bell, useSession } from './session.js'
import { type Look, useLook } from './ui/look.js'
import { Works } from './ui/works.js'

export interface Entry {
  readonly page: string
  readonly title: string
  /** What the key must allow; absent: anybody may. */
  readonly scope?: string
  /** Pages that belong to it. */
  readonly within?: readonly string[]
}

export const MENU: readonly Entry[] = [
  { page: '', title: 'Overview' },
  { page: 'events', title: 'Events', scope: 'events:read', within: ['event'] },
  { page: 'queue', title: 'Queue', scope: 'tasks:read', within: ['task'] },
  {
    page: 'subscriptions',
    title: 'Subscriptions',
    scope: 'subscriptions:read',
    within: ['subscription', 'subscription-new'],
  },
  { page: 'explain', title: 'Explain', scope: 'subscriptions:read' },
  { page: 'catalogue', title: 'Catalogue', scope: 'types:read', within: ['type', 'processor'] },
  { page: 'resources', title: 'Resources', scope: 'resources:read', within: ['resource'] },
  { page: 'keys', title: 'Keys', scope: 'keys:read' },
  { page: 'tenants', title: 'Tenants', scope: 'tenants:read' },
  { page: 'audit', title: 'Audit', scope: 'audit:read' },
  { page: 'system', title: 'System', scope: 'metrics:read' },
]

interface ShellProps {
  readonly page: string
  readonly tenant: string | null
  readonly children: ComponentChildren
  look(tenant: string | null): void
  signOut(): void
}

export function Shell({ page, tenant, children, look, signOut }: ShellProps) {
  const { scopes } = useSession()
  const main = useRef<HTMLElement>(null)
  const seen = useRef(page)
  const here = useRef<HTMLElement>(null)
  useEffect(() => {
    // On a narrow screen the menu is one line that scrolls.
    const [link, line] = [here.current?.querySelector<HTMLElement>('[aria-current]'), here.current]
    if (link && line) line.scrollLeft = link.offsetLeft - line.offsetLeft - (line.clientWidth - link.offsetWidth) / 2
    // Who works by keyboard or ear goes on at the new page, not at the old link.
    if (seen.current !== page) main.current?.focus()
    seen.current = page
  }, [page])
  const entries = MENU.filter(({ scope }) => scope === undefined || scopes.includes(scope))
  const isHere = (entry: Entry) => entry.page === page || entry.within?.includes(page) === true
  return (
    <div class="shell">
      <a class="skip" href="#main">
        To the page
      </a>
      <header>
        <a class="brand" href={to('')}>
          <Bell /> Tocsin
        </a>
        <nav aria-label="Pages" ref={here}>
          {entries.map((entry) => (
            <a key={entry.page} href={to(entry.page)} aria-current={isHere(entry) ? 'page' : undefined}>
              {entry.title}
            </a>
          ))}
        </nav>
        <Who tenant={tenant} look={look} signOut={signOut} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <Works />
        {children}
      </main>
    </div>
  )
}

const LINES = { live: 'Live', connecting: 'Connecting …', off: 'Not live' } as const

function Who({ tenant, look, signOut }: Pick<ShellProps, 'tenant' | 'look' | 'signOut'>) {
  const session = useSession()
  const line = useLine()
  const [shown, setShown] = useLook()
  return (
    <div class="who">
      {session.scopes.includes('events:read') && (
        <span class={`line ${line}`} role="status">
          {LINES[line]}
        </span>
      )}
      <span>
        <a href={to('own-key')}>
          <strong>{session.name}</strong>
        </a>
        <span class="faint small"> {session.roles.join(', ')}</span>
      </span>
      {session.allTenants ? (
        <TenantChoice tenant={tenant} look={look} />
      ) : (
        <span class="faint small only">tenant {session.tenant}</span>
      )}
      <div class="buttons">
        <label class="compact">
          <span class="hidden">Colours</span>
          <select value={shown} onChange={(event) => setShown(event.currentTarget.value as Look)}>
            <option value="system">Auto</option>
            <option value="light">Light</option>
            <option value="dark">Dark</option>
          </select>
        </label>
        <button type="button" onClick={signOut}>
          Sign out
        </button>
      </div>
    </div>
  )
}

function TenantChoice({ tenant, look }: Pick<ShellProps, 'tenant' | 'look'>) {
  const session = useSession()
  const { data } = useAsk(() => ask(api.GET('/v1/tenants', { params: { query: { limit: '1000' } } })), [])
  const shown = tenant ?? session.tenant
  const known = data?.items ?? []
  const tenants = known.some(({ id }) => id === shown) ? known : [...known, { id: shown, name: shown }]
  if (tenants.length < 2) return <span class="faint small only">tenant {session.tenant}</span>
  return (
    <label class="compact">
      <span class="faint small">Tenant</span>
      <select value={shown} onChange={({ currentTarget: { value } }) => look(value === session.tenant ? null : value)}>
        {tenants.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
