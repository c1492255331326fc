/**
 * Where we are: the path below /console/ and its query. Links are plain links; the history is the browser's.
 */
import { useEffect, useState } from 'preact/hooks'
import { tenantNow } from './api/client.js'

export interface Place {
  /** Such as `events` or `event`; empty: the overview. */
  readonly page: string
  readonly query: URLSearchParams
}

const BASE = '/console/'

const here = (): Place => ({
  page: location.pathname.slice(BASE.length).replace(/\/$/, ''),
  query: new URLSearchParams(location.search),
})

type Query = Readonly<Record<string, string | number | readonly string[] | null | undefined>>

/** The address of a page, of the tenant that is looked at unless it names another; what is empty is left out. */
export function to(page: string, query: Query = {}): string {
  const pairs = Object.entries({ tenant: tenantNow(), ...query }).flatMap(([name, value]) =>
    [value]
      .flat()
      .flatMap((each) => (each === null || each === undefined || each === '' ? [] : [[name, String(each)]])),
  )
  const text = new URLSearchParams(pairs).toString()
  return BASE + page + (text === '' ? '' : `?${text}`)
}

const MOVED = 'tocsin:moved'

export function go(address: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', address)
  dispatchEvent(new Event(MOVED))
}

export function usePlace(): Place {
  const [place, set] = useState(here)
  useEffect(() => {
    const moved = () => set(here())
    addEventListener('popstate', moved)
    addEventListener(MOVED, moved)
    return () => {
      removeEventListener('popstate', moved)
      removeEventListener(MOVED, moved)
    }
  }, [])
  return place
}

/** A plain click on a link of ours changes the page; any other is the browser's. */
function follow(click: MouseEvent): void {
  const link = click.target instanceof Element ? click.target.closest('a') : null
  const plain = click.button === 0 && !click.metaKey && !click.ctrlKey && !click.shiftKey && !click.defaultPrevented
  const inside = link?.getAttribute('href')?.startsWith('#')
  if (!plain || inside || !link?.pathname.startsWith(BASE) || link.origin !== location.origin || link.target !== '')
    return
  click.preventDefault()
  if (link.href !== location.href) go(link.href)
  scrollTo(0, 0)
}

// For the life of the page: one part of it that goes must not take it from the others.
document.addEventListener('click', follow)
