/**
 * Who has an id from a log goes straight to its page.
 */
import { useId, useState } from 'preact/hooks'
import { go, to } from '../router.js'

interface Props {
  readonly page: string
  readonly label: string
}

export function OpenOne({ page, label }: Props) {
  const field = useId()
  const [id, set] = useState('')
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    go(to(page, { id: id.trim() }))
  }
  return (
    <form class="buttons one" onSubmit={submit}>
      <label class="hidden" for={field}>
        {label}
      </label>
      <input
        id={field}
        required
        placeholder={label}
        value={id}
        onInput={({ currentTarget: { value } }) => set(value)}
      />
      <button type="submit">Open</button>
    </form>
  )
}
