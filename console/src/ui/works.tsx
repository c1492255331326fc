/**
 * What goes on while one looks at other pages: how far it is, and a way to stop it.
 */
import { forget, stop, useWorks, type Work } from '../api/works.js'
import { Fault } from './notice.js'
import { count, many } from './time.js'

export const Works = () => (
  <section class="works" aria-label="What goes on">
    {useWorks().map((work) => (
      <OneWork key={work.id} of={work} />
    ))}
  </section>
)

function OneWork({ of }: { readonly of: Work }) {
  const { id, title, seen, total, state } = of
  const running = state === 'running'
  return (
    <div class="notice">
      <p role="status">
        <strong>{title}</strong>: {wordsOf(of)}
      </p>
      {running && <progress max={Math.max(total, seen, 1)} value={seen} aria-label={title} />}
      {state instanceof Error && <Fault of={state} />}
      <button type="button" onClick={() => (running ? stop(id) : forget(id))}>
        {running ? 'Stop here' : 'Close'}
      </button>
    </div>
  )
}

function wordsOf({ done, seen, total, state }: Work): string {
  if (state === 'running') return `${count(seen)} of ${many(total, 'task')}. You may look at other pages meanwhile.`
  const left = seen - done > 0 ? ` ${many(seen - done, 'task')} stayed, being in a state that does not allow it.` : ''
  return state === 'done' ? `done to ${many(done, 'task')}.${left}` : `ended after ${many(done, 'task')}.${left}`
}
