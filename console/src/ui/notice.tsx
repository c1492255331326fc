/**
 * What went wrong, and what to do about it; that something is on its way; that there is nothing.
 */
import type { ComponentChildren } from 'preact'
import type { Problem } from '../api/client.js'
import { span } from './time.js'

const ADVICE: Readonly<Record<string, string>> = {
  unreachable: 'Check that the server runs and that you are connected. This page goes on by itself.',
  unauthenticated: 'Sign in again: the session is over, or its key was revoked.',
  forbidden: 'Ask an operator for a key that may do this, or sign in with another one.',
  not_found: 'It may have been removed. Go back to the list and look again.',
  conflict: 'Somebody else changed it meanwhile. Reload, and make your change again.',
  precondition_failed: 'Somebody else changed it meanwhile. Reload, and make your change again.',
  wrong_state: 'Reload to see the state it is in now.',
  unavailable: 'Nothing was changed. Try again in a moment.',
  internal: 'Nothing you did is wrong. The log of the server tells more under this request id.',
}

export function Fault({ of, again }: { readonly of: Problem | undefined; again?(): void }) {
  if (!of) return null
  const advice = of.expected ? `Expected: ${of.expected}.` : ADVICE[of.code]
  return (
    <div class="notice bad" role="alert">
      <p>
        <strong>{of.message}</strong>
      </p>
      {of.field && (
        <p>
          Where: <code>{of.field}</code>
        </p>
      )}
      {advice && <p>{advice}</p>}
      {of.retryAfter !== undefined && <p>Try again in {span(of.retryAfter * 1_000)}.</p>}
      <p class="faint small">
        {of.code}
        {of.requestId && ` · request ${of.requestId}`}
      </p>
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}

export const Loading = () => (
  <div class="loading" role="status">
    Loading …
  </div>
)

export const Empty = ({ children }: { readonly children: ComponentChildren }) => <p class="empty">{children}</p>
