/**
 * The processors in the order they run, each kind for itself; moved by its buttons, or dragged to another's place.
 */
import { useState } from 'preact/hooks'
import { api, ask, type Processor } from '../api/client.js'
import { to } from '../router.js'
import { useMay } from '../session.js'
import { confirm } from '../ui/deeds.js'
import { Name, None } from '../ui/name.js'
import { OnOff } from '../ui/state.js'
import { ACTIONS, Head } from '../ui/table.js'
import { type Move, moved } from './moved.js'

const KINDS = [
  ['judge', 'Judges', 'may change or refuse an event; below 0 before its own deed, from 0 on after it'],
  ['witness', 'Witnesses', 'see what is true, while the publisher waits'],
  ['asynchronous', 'Asynchronous', 'follow from the queue'],
] as const

interface LineUpProps {
  readonly of: readonly Processor[]
  again(): void
}

export const LineUp = ({ of, again }: LineUpProps) => (
  <>
    {KINDS.map(([kind, title, about]) => {
      const line = of.filter((each) => each.kind === kind)
      return (
        line.length > 0 && (
          <section key={kind} aria-labelledby={kind}>
            <h2 id={kind}>{title}</h2>
            <p class="faint">They {about}.</p>
            <Line title={title} of={line} again={again} />
          </section>
        )
      )
    })}
  </>
)

function Line({ title, of: line, again }: LineUpProps & { readonly title: string }) {
  const may = useMay('processors:write')
  const [dragged, drag] = useState<string>()
  const put = (name: string, index: number) => {
    const moves = moved(line, name, index)
    if (moves.length > 0) confirm(questionFor(name, line, moves, again))
  }
  const from = (name: string | undefined) => line.findIndex((each) => each.name === name)
  return (
    <div class="table">
      <table aria-label={title}>
        <Head names={['Order', 'Name', 'Runs on', 'Module', 'State', ...(may ? [ACTIONS] : [])]} />
        <tbody>
          {line.map(({ name, order, types, module, enabled }, index) => (
            <tr
              key={name}
              draggable={may}
              class={dragged === name ? 'dragged' : undefined}
              onDragStart={() => drag(name)}
              onDragEnd={() => drag(undefined)}
              onDragOver={(event) => {
                if (from(dragged) >= 0) event.preventDefault()
              }}
              onDrop={(event) => {
                event.preventDefault()
                if (dragged !== undefined && dragged !== name) put(dragged, index)
              }}
            >
              <td data-label="Order">
                <span class="number">{order}</span>
              </td>
              <td data-label="Name">
                <a href={to('processor', { name })}>{name}</a>
              </td>
              <td data-label="Runs on" class="wide">
                <Name of={types.join(', ') || 'every type'} />
              </td>
              <td data-label="Module">{module || <None />}</td>
              <td data-label="State">
                <OnOff enabled={enabled} />
              </td>
              {may && (
                <td data-label={ACTIONS}>
                  <span class="buttons">
                    <Step label={`Move ${name} up`} sign="↑" off={index === 0} go={() => put(name, index - 1)} />
                    <Step
                      label={`Move ${name} down`}
                      sign="↓"
                      off={index === line.length - 1}
                      go={() => put(name, index + 1)}
                    />
                  </span>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface StepProps {
  readonly label: string
  readonly sign: string
  readonly off: boolean
  go(): void
}

const Step = ({ label, sign, off, go }: StepProps) => (
  <button type="button" aria-label={label} title={label} disabled={off} onClick={go}>
    {sign}
  </button>
)

/** Who is affected, before it is done. */
function questionFor(name: string, line: readonly Processor[], moves: readonly Move[], done: () => void) {
  const of = (each: string) => line.find((processor) => processor.name === each)
  return {
    title: `Move ${name}`,
    body: (
      <>
        <ul>
          {moves.map((move) => (
            <li key={move.name}>
              {move.name}: order {move.from} → {move.to}
              {crosses(move, of(move.name)?.kind) && ', the other side of the event’s own deed'}; runs on{' '}
              {of(move.name)?.types.join(', ') || 'every type'}
            </li>
          ))}
        </ul>
        <p>From the next event on, on every node. The audit trail keeps who did it.</p>
      </>
    ),
    act: 'Move it',
    async work() {
      for (const move of moves)
        await ask(
          api.PATCH('/v1/processors/{name}', { params: { path: { name: move.name } }, body: { order: move.to } }),
        )
      done()
      return `${name} is moved.`
    },
  }
}

const crosses = ({ from, to: next }: Move, kind: string | undefined): boolean =>
  kind === 'judge' && from < 0 !== next < 0
