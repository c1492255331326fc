/**
 * What a page knows from the server, and asks again.
 */
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Problem, problemOf } from './client.js'

export interface Asked<Data> {
  readonly data: Data | undefined
  readonly problem: Problem | undefined
  /** The first answer has not come yet. */
  readonly loading: boolean
  again(): void
}

/** The longest wait between two questions while the server does not answer. */
const MOST_WAIT = 60_000

/**
 * Asks when `about` changes, and every so many milliseconds while the page can be seen; twice as long after each failure.
 * @param work must not throw anything but a Problem
 */
export function useAsk<Data>(work: () => Promise<Data>, about: readonly unknown[], every?: number): Asked<Data> {
  const [state, set] = useState<{ data?: Data; problem?: Problem; about: string }>({ about: '' })
  const key = JSON.stringify(about)
  const latest = useRef(work)
  latest.current = work
  const asking = useRef<() => void>(() => undefined)

  useEffect(() => {
    let [over, running, more] = [false, false, false]
    const once = async () => {
      try {
        const data = await latest.current()
        if (!over) set({ data, about: key })
        return true
      } catch (thrown) {
        // What was known stays on the page, with what went wrong above it.
        if (!over) set((before) => ({ ...(before.about === key && before), problem: problemOf(thrown), about: key }))
        return false
      }
    }
    // One question at a time: an answer that comes slower than news would else never be shown.
    const again = async () => {
      more = running
      if (running) return true
      running = true
      let fine = await once()
      while (more && !over) {
        more = false
        fine = await once()
      }
      running = false
      return fine
    }
    asking.current = () => void again()
    let timer: ReturnType<typeof setTimeout> | undefined
    let wait = every
    const round = async () => {
      const fine = document.hidden || (await again())
      if (wait === undefined || every === undefined || over) return
      wait = fine ? every : Math.min(wait * 2, MOST_WAIT)
      timer = setTimeout(round, wait)
    }
    void again().then(() => {
      if (every !== undefined && !over) timer = setTimeout(round, every)
    })
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [key, every])

  const current = state.about === key
  return {
    data: current ? state.data : undefined,
    problem: current ? state.problem : undefined,
    loading: !current,
    again: () => asking.current(),
  }
}
