/**
 * What goes on while one looks at other pages: how far it is, and a way to stop it; what was left, and a way to go on with it.
 */
import { forget, goOn, stop, useWorks, type Work } from '../api/works.js'
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
  const { id, title, done, total, state } = of
  const running = state === 'running'
  return (
    <div class={`notice ${running || state === 'done' ? '' : 'warn'}`}>
      <p role="status">
        <strong>{title}</strong>: {wordsOf(of)}
      </p>
      {running && <progress max={Math.max(total, done, 1)} value={done} aria-label={title} />}
      {state instanceof Error && <Fault of={state} />}
      <div class="buttons">
        {running && (
          <button type="button" onClick={() => stop(id)}>
            Stop here
          </button>
        )}
        {!running && state !== 'done' && (
          <button type="button" class="main" onClick={() => goOn(id)}>
            Go on
          </button>
        )}
        {!running && (
          <button type="button" onClick={() => forget(id)}>
            {state === 'done' ? 'Close' : 'Leave the rest'}
          </button>
        )}
      </div>
    </div>
  )
}

function wordsOf({ done, total, noun, state, tenant }: Work): string {
  const so = `${count(done)} of ${many(Math.max(total, done), noun)}${tenant === null ? '' : ` of the tenant ${tenant}`}`
  if (state === 'running') return `${so}. You may look at other pages meanwhile.`
  if (state === 'done') return `done to ${many(done, noun)}.${stayed(total - done, noun)}`
  if (state === 'stopped') return `stopped after ${so}. What was done stays done.`
  if (state === 'left') return `the window was closed after ${so}. What was done stays done; the rest waits for you.`
  return `it came to a halt after ${so}. What was done stays done.`
}

const stayed = (number: number, noun: string): string =>
  number > 0 ? ` ${many(number, noun)} more were in no state that allows it, or it was done to them before.` : ''
