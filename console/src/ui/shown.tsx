/**
 * A value in words: its members by name, lists as lists. What nobody set is left out.
 */
import { Fragment } from 'preact'
import { COVER } from './cover.js'
import { Long, Some } from './long.js'

export type Titles = Readonly<Record<string, string>>

interface ShownProps {
  readonly of: unknown
  /** What members are called by people; others keep their names. */
  readonly titles?: Titles | undefined
}

export function Shown({ of, titles = {} }: ShownProps) {
  if (isNothing(of)) return <span class="faint">nothing</span>
  if (Array.isArray(of)) return <List of={of} titles={titles} />
  if (typeof of === 'object' && of !== null)
    return <Members of={of as Readonly<Record<string, unknown>>} titles={titles} />
  if (typeof of === 'boolean') return <>{of ? 'yes' : 'no'}</>
  return <Long text={String(of)} />
}

const isNothing = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && Object.values(value).every(isNothing))

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null

function List({ of, titles }: { readonly of: readonly unknown[]; readonly titles: Titles }) {
  if (of.every(isPlain)) return <Long text={of.map(String).join(', ')} />
  return (
    <Some of={of}>
      {(shown) => (
        <ul class="listed">
          {shown.map((each) => (
            <li key={JSON.stringify(each)}>
              <Shown of={each} titles={titles} />
            </li>
          ))}
        </ul>
      )}
    </Some>
  )
}

const Members = ({ of, titles }: { readonly of: Readonly<Record<string, unknown>>; readonly titles: Titles }) => (
  <Some of={Object.entries(of).filter(([, value]) => !isNothing(value))}>
    {(shown) => (
      <dl class="facts">
        {shown.map(([name, value]) => (
          <Fragment key={name}>
            <dt class={titles[name] === undefined ? 'mono' : undefined}>{titles[name] ?? name}</dt>
            <dd class={value === COVER ? 'faint' : undefined}>
              <Shown of={value} titles={titles} />
            </dd>
          </Fragment>
        ))}
      </dl>
    )}
  </Some>
)
