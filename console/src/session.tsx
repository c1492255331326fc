/**
 * Who is signed in, and signing in: by the provider, or with a key. The key goes to the server once and is not kept here.
 */
import { createContext } from 'preact'
import { useContext, useState } from 'preact/hooks'
import { api, ask, type Session } from './api/client.js'
import { ProviderButton } from './provider.js'
import { useDoing } from './ui/deeds.js'
import { Fault } from './ui/notice.js'

const Context = createContext<Session | null>(null)
export const SessionProvider = Context.Provider

/** Only below the shell, which is there only for who is signed in. */
export function useSession(): Session {
  const session = useContext(Context)
  if (session === null) throw new TypeError('Nobody is signed in.')
  return session
}

/** Whether the key allows it; the server decides all the same. */
export const useMay = (scope: string): boolean => useSession().scopes.includes(scope)

/** When somebody signed in here, so that it is worth asking; all windows of a browser are one session. Not who: that would outlive it. */
const SIGNED_IN = 'tocsin:signed-in'
export const wasSignedIn = (): boolean => localStorage.getItem(SIGNED_IN) !== null
export const keepSignedIn = (): void => localStorage.setItem(SIGNED_IN, String(Date.now()))
export const forgetSignedIn = (): void => localStorage.removeItem(SIGNED_IN)

/** Calls when somebody signed in in another window, or nobody is signed in there any more. */
export function onOtherWindow(told: (isIn: boolean) => void): () => void {
  const heard = ({ key, newValue }: StorageEvent) => {
    if (key === SIGNED_IN || key === null) told(newValue !== null)
  }
  addEventListener('storage', heard)
  return () => removeEventListener('storage', heard)
}

export function SignIn({ over, done }: { readonly over: boolean; done(session: Session): void }) {
  const [key, setKey] = useState('')
  const { busy, problem, run } = useDoing()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void run(async () => {
      const session = await ask(api.POST('/v1/session', { body: { key: key.trim() } }))
      done(session)
      return undefined
    })
  }
  return (
    <main class="sign-in">
      <form onSubmit={submit} class="card">
        <h1>
          <Bell /> Tocsin
        </h1>
        <p>See every event, who was told of it, and why somebody was not.</p>
        {over && <div class="notice warn">The session is over. Sign in again to go on where you were.</div>}
        <ProviderButton />
        <label>
          Key
          <input
            type="password"
            name="key"
            autocomplete="current-password"
            placeholder="tsk_…"
            required
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <Fault of={problem} />
        <button type="submit" class="main" disabled={busy || key.trim() === ''}>
          {busy ? 'Signing in …' : 'Sign in'}
        </button>
        <p class="faint small">
          The first operator’s key is printed by <code>tocsin init</code>; further ones are made by{' '}
          <code>tocsin keys create</code> or on the page Keys.
        </p>
      </form>
    </main>
  )
}

/** What this window does would be done by whoever signed in there: it does nothing until that is said. */
export const Elsewhere = ({ goOn }: { goOn(): void }) => (
  <main class="sign-in">
    <div class="card stack">
      <h1>
        <Bell /> Tocsin
      </h1>
      <div class="notice warn">Somebody else signed in, in another window of this browser.</div>
      <button type="button" class="main" onClick={goOn}>
        Go on as who is signed in there
      </button>
    </div>
  </main>
)

export const Bell = () => (
  <svg class="bell" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M16 4a2 2 0 0 1 2 2v.8c3.5 1 6 4.1 6 7.9v5.3l2.3 3.2v1.8H5.7v-1.8L8 20v-5.3c0-3.8 2.5-6.9 6-7.9V6a2 2 0 0 1 2-2Zm-3.2 22.5h6.4a3.2 3.2 0 0 1-6.4 0Z" />
  </svg>
)
