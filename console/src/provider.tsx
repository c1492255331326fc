/**
 * Signing in by OpenID Connect: to the provider, and what it sends the browser back with to the server. Nothing of it stays in the page,
 * in the address or in the history.
 */
import { useEffect, useState } from 'preact/hooks'
import { api, ask, type Problem, problemOf, type Session } from './api/client.js'
import { useAsk } from './api/use-ask.js'
import { go, to } from './router.js'
import { useDoing } from './ui/deeds.js'
import { Fault, Loading } from './ui/notice.js'

/** The page the provider sends people back to. */
export const RETURN = 'signed-in'

/** Where one wanted to go, a page of ours. */
const WANTED = 'tocsin:wanted'

export function ProviderButton() {
  const { data } = useAsk(() => ask(api.GET('/v1/session/oidc')), [])
  const { busy, problem, run } = useDoing()
  if (!data?.title) return null
  const leave = () =>
    run(async () => {
      const { url } = await ask(api.POST('/v1/session/oidc'))
      sessionStorage.setItem(WANTED, location.pathname + location.search)
      location.assign(url)
      return undefined
    })
  return (
    <>
      <button type="button" class="main" disabled={busy} onClick={leave}>
        {busy ? `To ${data.title} …` : `Sign in with ${data.title}`}
      </button>
      <Fault of={problem} />
      <p class="or faint small">or with a key</p>
    </>
  )
}

export function Returned({ done }: { done(session: Session): void }) {
  const [problem, fail] = useState<Problem>()
  useEffect(() => {
    const answer = location.search.slice(1)
    go(to(RETURN), { replace: true })
    ask(api.POST('/v1/session/oidc/answer', { body: { answer } })).then(
      (session) => {
        go(wanted(), { replace: true })
        done(session)
      },
      (thrown) => fail(problemOf(thrown)),
    )
  }, [])
  if (!problem) return <Loading />
  return (
    <main class="sign-in">
      <div class="card stack">
        <h1>Not signed in</h1>
        <Fault of={problem} />
        <p>
          <a class="button main" href={to('')}>
            Back to signing in
          </a>
        </p>
      </div>
    </main>
  )
}

function wanted(): string {
  const kept = sessionStorage.getItem(WANTED)
  sessionStorage.removeItem(WANTED)
  return kept?.startsWith(to('')) && !kept.startsWith(to(RETURN)) ? kept : to('')
}
