/**
 * Doing something: a button that waits for the answer, a question before what cannot be undone, and a word when it is done.
 */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Problem, problemOf } from '../api/client.js'
import { Fault } from './notice.js'

// ---------------------------------------------------------------------------------------------- said

interface Said {
  readonly text: string
  readonly at: number
}

let hear: (said: Said) => void = () => undefined
const SHOWN = 6_000

/** Tells that something was done; screen readers say it. */
export const say = (text: string): void => hear({ text, at: Date.now() })

export function Sayings() {
  const [said, set] = useState<Said | null>(null)
  hear = set
  useEffect(() => {
    const timer = setTimeout(() => set(null), SHOWN)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <div class="sayings" role="status">
      {said && <p>{said.text}</p>}
    </div>
  )
}

// ---------------------------------------------------------------------------------------------- asked once

interface Question {
  readonly title: string
  /** What it will do, in a sentence or two. */
  readonly body: ComponentChildren
  /** What the button says. */
  readonly act: string
  readonly danger?: boolean
  /** @returns what to say when it is done */
  work(): Promise<string>
}

let pose: (question: Question) => void = () => undefined

/** Asks once; the work's failure is shown in the same place. */
export const confirm = (question: Question): void => pose(question)

export function Questions() {
  const [question, set] = useState<Question | null>(null)
  const [problem, fail] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  const dialog = useRef<HTMLDialogElement>(null)
  const leave = useRef<HTMLButtonElement>(null)
  pose = (next) => {
    fail(undefined)
    set(next)
  }
  useEffect(() => {
    if (question) dialog.current?.showModal()
    else dialog.current?.close()
    // What cannot be undone is not one key press away.
    if (question?.danger) leave.current?.focus()
  }, [question])
  const act = async () => {
    if (!question) return
    setBusy(true)
    try {
      say(await question.work())
      set(null)
    } catch (thrown) {
      fail(problemOf(thrown))
    } finally {
      setBusy(false)
    }
  }
  return (
    <dialog ref={dialog} onClose={() => set(null)} aria-labelledby="question">
      {question && (
        <>
          <h2 id="question">{question.title}</h2>
          <div>{question.body}</div>
          <Fault of={problem} />
          <div class="buttons">
            <button type="button" class={question.danger ? 'danger' : 'main'} disabled={busy} onClick={act}>
              {busy ? 'Working …' : question.act}
            </button>
            <button type="button" ref={leave} onClick={() => set(null)}>
              Leave it
            </button>
          </div>
        </>
      )}
    </dialog>
  )
}

// ---------------------------------------------------------------------------------------------- at once

interface Doing {
  readonly busy: boolean
  readonly problem: Problem | undefined
  /** @returns whether it went well */
  run(work: () => Promise<string | undefined>): Promise<boolean>
}

/** One deed at a time; what it answers is said, what it throws is kept for the page to show. */
export function useDoing(): Doing {
  const [busy, setBusy] = useState(false)
  const [problem, fail] = useState<Problem>()
  const run: Doing['run'] = async (work) => {
    setBusy(true)
    fail(undefined)
    try {
      const text = await work()
      if (text !== undefined) say(text)
      return true
    } catch (thrown) {
      fail(problemOf(thrown))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, run }
}
