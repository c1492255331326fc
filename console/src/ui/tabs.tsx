/**
 * Parts of a page, chosen by its address.
 */
import { to, usePlace } from '../router.js'

interface TabsProps {
  readonly label: string
  /** The first is shown when the address names none. */
  readonly parts: readonly (readonly [name: string, title: string])[]
}

export function Tabs({ label, parts }: TabsProps) {
  const { page } = usePlace()
  const shown = useTab(parts)
  return (
    <nav class="chips" aria-label={label}>
      {parts.map(([name, title]) => (
        <a key={name} href={to(page, { show: name })} aria-current={name === shown ? 'true' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  )
}

export const useTab = (parts: TabsProps['parts']): string => {
  const asked = usePlace().query.get('show')
  return parts.find(([name]) => name === asked)?.[0] ?? parts[0]?.[0] ?? ''
}
