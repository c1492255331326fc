/**
 * What a subscription wants to hear: of which events, which of them, and what of them; as it is said, and as it is changed.
 */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { api, ask, type Subscription } from '../api/client.js'
import { useKeyNames } from '../api/keys.js'
import { useAsk } from '../api/use-ask.js'
import { filterWords } from '../ui/filter-words.js'
import { Name } from '../ui/name.js'
import { Time } from '../ui/time.js'
import { Redaction } from './redaction.js'
import { EditCard, EditForm, type EditProps } from './subscription-edit.js'

export interface Wish {
  readonly types: readonly string[]
  /** JSON. */
  readonly filters: string
  readonly redacted: boolean
  /** Classes that it sees all the same. */
  readonly sees: readonly string[]
}

export interface WishProps {
  readonly wish: Wish
  change(part: Partial<Wish>): void
}

/** What it wants to hear of, as the API takes it. @throws SyntaxError for filters that are no JSON */
export const wishOf = ({ types, filters, redacted, sees }: Wish) => ({
  types: types.map((type) => type.trim()).filter((type) => type !== ''),
  ...(filters.trim() !== '' && { filters: JSON.parse(filters) as unknown }),
  ...(redacted && { redaction: 'sensitive' as const, ...(sees.length > 0 && { sees: [...sees] }) }),
})

interface FormProps extends WishProps {
  readonly wrong?: string | undefined
  /** What else makes it only some of them. */
  readonly children?: ComponentChildren
}

export function WishForm({ wish, change, wrong, children }: FormProps) {
  const { data } = useAsk(() => ask(api.GET('/v1/types')), [])
  const groups = [...new Set((data?.items ?? []).map(({ name }) => groupOf(name)))].sort()
  const chosen = wish.types
  // Open when it comes, for who changes what is there; afterwards it is theirs.
  const [isNarrow] = useState(wish.filters !== '' || wish.redacted)
  const toggle = (type: string) =>
    change({ types: chosen.includes(type) ? chosen.filter((each) => each !== type) : [...chosen, type] })
  return (
    <>
      <div class="chips">
        {['*', ...groups].map((type) => (
          <button key={type} type="button" aria-pressed={chosen.includes(type)} onClick={() => toggle(type)}>
            {type === '*' ? 'Everything' : type}
          </button>
        ))}
      </div>
      <label>
        Or by name, one a line
        <small>
          a whole name such as <code>credential.revoked</code>, or the beginning of one with <code>*</code>
        </small>
        <textarea
          rows={3}
          aria-invalid={wrong?.startsWith('types')}
          value={chosen.join('\n')}
          onInput={({ currentTarget: { value } }) => change({ types: value === '' ? [] : value.split('\n') })}
        />
      </label>
      <details open={isNarrow}>
        <summary>Only some of them</summary>
        <div class="stack">
          <label>
            Filters, in JSON
            <small>
              such as <code>{'[{"exact": {"outcome": "success"}}]'}</code>
            </small>
            <textarea
              rows={3}
              aria-invalid={wrong?.startsWith('filters')}
              value={wish.filters}
              onInput={({ currentTarget: { value } }) => change({ filters: value })}
            />
          </label>
          <Redaction wish={wish} change={change} />
          {children}
        </div>
      </details>
    </>
  )
}

/** `user.*`; of names that are addresses, those of one host. */
const groupOf = (name: string): string => /^[a-z]+:\/\/[^/]+\//.exec(name)?.[0].concat('*') ?? `${name.split('.')[0]}.*`

interface CardProps {
  readonly of: Subscription
  again(): void
}

export const WishCard = (props: CardProps) => (
  <EditCard {...props} title="What it wants" label="Change what it wants" Facts={Facts} Edit={Edit} />
)

function Facts({ of }: { readonly of: Subscription }) {
  const keyNameOf = useKeyNames()
  return (
    <dl class="facts">
      <dt>Types</dt>
      <dd>{of.types.includes('*') ? 'everything' : <Name of={of.types.join(', ')} />}</dd>
      <dt>It sees</dt>
      <dd>{scopeOf(of.scope)}</dd>
      {of.filters.length > 0 && (
        <>
          <dt>Only if</dt>
          <dd>{filterWords(of.filters)}</dd>
        </>
      )}
      <dt>Sensitive fields</dt>
      <dd>
        {of.redaction === 'none' ? 'sent' : ['left out', ...(of.sees ?? []).map((each) => `but ${each}`)].join(', ')}
      </dd>
      <dt>Made</dt>
      <dd>
        <Time at={of.createdAt} /> <span title={of.owner}>by {keyNameOf(of.owner)}</span>
      </dd>
    </dl>
  )
}

const scopeOf = (scope: unknown): string =>
  typeof scope === 'object' && scope !== null && 'resource' in scope
    ? `what ${String(scope.resource)} may see`
    : 'everything of the tenant'

function Edit({ of, done, leave }: EditProps) {
  const [wish, set] = useState<Wish>({
    types: of.types,
    filters: of.filters.length > 0 ? JSON.stringify(of.filters, null, 2) : '',
    redacted: of.redaction !== 'none',
    sees: of.sees ?? [],
  })
  return (
    <EditForm
      {...{ of, done, leave }}
      saved={`${of.name} hears so from now on.`}
      patch={() => ({ ...NOTHING_MORE, ...wishOf(wish) })}
      fields={(wrong) => (
        <WishForm wish={wish} wrong={wrong} change={(part) => set((before) => ({ ...before, ...part }))} />
      )}
    />
  )
}

/** What is not said any more is taken out. */
const NOTHING_MORE = { filters: [], redaction: 'none', sees: null } as const
