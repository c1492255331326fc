/**
 * A state: always in words, with a colour that agrees.
 */
type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'quiet'

const TONES: Readonly<Record<string, Tone>> = {
  done: 'good',
  delivered: 'good',
  admitted: 'good',
  executed: 'good',
  active: 'good',
  running: 'good',
  ready: 'good',
  ok: 'good',
  enabled: 'good',
  due: 'busy',
  waiting: 'busy',
  leased: 'busy',
  'catching-up': 'busy',
  draining: 'busy',
  pending: 'busy',
  retry: 'warn',
  held: 'warn',
  suspended: 'warn',
  paused: 'warn',
  blocked: 'warn',
  release: 'quiet',
  refused: 'bad',
  exhausted: 'bad',
  exception: 'bad',
  disabled: 'bad',
  broken: 'bad',
  lost: 'bad',
  unavailable: 'bad',
  failed: 'bad',
}

/** What each word means for who sees it first. */
const MEANING: Readonly<Record<string, string>> = {
  due: 'It is sent next',
  waiting: 'Waiting for its time, or for the one before it',
  leased: 'It is being sent now',
  done: 'Delivered',
  refused: 'The target refused it; it is not tried again',
  exhausted: 'Every try failed; it is not tried again by itself',
  'not-executed': 'Nothing was done: it was no longer wanted',
  held: 'The subscription is paused',
  cancelled: 'Somebody stopped it',
  closed: 'A judge ended it: nobody was told',
  suspended: 'A judge holds it until it is resumed',
  admitted: 'Kept, and on its way to everybody who wants it',
  retry: 'It failed; it is tried again as long as tries are left',
  release: 'It was given back, and is tried again',
}

/** What the states chosen mean, for who reads a list of them. */
export const meaningOf = (state: string): string | undefined => MEANING[state]

/** The outcomes of an attempt, in words that stand by themselves. */
const LABELS: Readonly<Record<string, string>> = { retry: 'failed', release: 'given back' }

export const State = ({ of, label }: { readonly of: string; readonly label?: string }) => (
  <span class={`state ${TONES[of] ?? 'quiet'}`} title={MEANING[of]}>
    {label ?? LABELS[of] ?? of}
  </span>
)

/** Of what is switched on or off. */
export const OnOff = ({ enabled }: { readonly enabled: boolean }) =>
  enabled ? <State of="enabled" /> : <State of="not-executed" label="off" />
