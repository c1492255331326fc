/**
 * What went wrong, and what to do about it; that something is on its way; that there is nothing.
 */
import type { ComponentChildren } from 'preact'
import type { Problem } from '../api/client.js'
import { ADVICE } from './advice.js'
import { span } from './time.js'

export function Fault({ of, again }: { readonly of: Problem | undefined; again?(): void }) {
  if (!of) return null
  const advice = of.expected ? `Expected: ${of.expected}.` : (ADVICE[of.code] ?? ADVICE.console)
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
