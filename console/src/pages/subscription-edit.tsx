/**
 * A part of a subscription as it is changed: the form around it, its two ways out, and what went wrong.
 */
import type { ComponentChildren, ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import { api, ask, type Subscription } from '../api/client.js'
import { useMay } from '../session.js'
import { useDoing } from '../ui/deeds.js'
import { Fault } from '../ui/notice.js'
import { isFields } from '../ui/schema-form.js'

interface CardProps {
  readonly of: Subscription
  again(): void
  readonly title: string
  /** What the button does, where there are several. */
  readonly label?: string
  readonly Facts: ComponentType<{ readonly of: Subscription }>
  readonly Edit: ComponentType<EditProps>
}

/** What it says, or the form that changes it. */
export function EditCard({ of, again, title, label, Facts, Edit }: CardProps) {
  const may = useMay('subscriptions:write')
  const [editing, edit] = useState(false)
  const done = () => {
    edit(false)
    again()
  }
  return (
    <section class="card">
      <h2>
        {title}
        {may && !editing && (
          <span class="buttons">
            <button type="button" aria-label={label} onClick={() => edit(true)}>
              Change
            </button>
          </span>
        )}
      </h2>
      {editing ? <Edit of={of} done={done} leave={() => edit(false)} /> : <Facts of={of} />}
    </section>
  )
}

type Fields = Readonly<Record<string, unknown>>

export interface EditProps {
  readonly of: Subscription
  done(): void
  leave(): void
}

interface FormProps extends EditProps {
  /** What is sent: a part of the subscription. */
  patch(): Fields
  /** Told when it is saved. */
  readonly saved: string
  /** @param wrong the field that was refused */
  fields(wrong: string | undefined): ComponentChildren
}

export function EditForm({ of, patch, saved, fields, done, leave }: FormProps) {
  const { busy, problem, run } = useDoing()
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    const fine = await run(async () => {
      await ask(
        api.PATCH('/v1/subscriptions/{id}', {
          // Somebody may have changed it since it was read.
          params: { path: { id: of.id }, header: { 'if-match': `"${of.revision}"` } },
          body: patch(),
        }),
      )
      return saved
    })
    if (fine) done()
  }
  return (
    <form class="stack" onSubmit={(event) => void save(event)}>
      {fields(problem?.field)}
      <Fault of={problem} />
      <div class="buttons">
        <button type="submit" class="main" disabled={busy}>
          {busy ? 'Saving …' : 'Save'}
        </button>
        <button type="button" onClick={leave}>
          Leave it
        </button>
      </div>
    </form>
  )
}

/** JSON Merge Patch (RFC 7396): what was taken out is null, within members too; secrets, which are never shown, stay. */
export const asPatch = (before: Fields, after: Fields): Fields => ({
  ...Object.fromEntries(Object.keys(before).map((name) => [name, null])),
  ...Object.fromEntries(Object.entries(after).map(([name, value]) => [name, patched(before[name], value)])),
})

const patched = (before: unknown, after: unknown): unknown =>
  isFields(before) && isFields(after) ? asPatch(before, after) : after
