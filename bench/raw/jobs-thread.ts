/**
 * The raw limit's thread: does all that waits in one commit and answers each call.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { type Jobs, openJobs } from './jobs.js'
import type { RawJob } from './work.js'

/** What callers of one turn want; answered with as many answers. */
export type Calls = readonly ({ readonly enqueue: RawJob } | { readonly lease: number } | { readonly finish: number })[]

export function start(path: string): void {
  const port = parentPort
  if (port === null) throw new TypeError('It is a thread of the bench.')
  const jobs = openJobs(path)
  port.on('message', (first: Calls | 'close') => {
    const waiting: (Calls | 'close')[] = [first]
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      waiting.push(next.message)
    }
    const calls = waiting.flatMap((each) => (each === 'close' ? [] : each))
    if (calls.length > 0) port.postMessage(answersOf(jobs, calls))
    if (!waiting.includes('close')) return
    jobs.close()
    port.close()
  })
  port.postMessage([])
}

function answersOf(jobs: Jobs, calls: Calls): readonly unknown[] {
  let answers: readonly unknown[] = []
  jobs.together(() => {
    answers = calls.map((call) => {
      if ('enqueue' in call) return jobs.enqueue(call.enqueue)
      return 'lease' in call ? jobs.lease(call.lease) : jobs.finish(call.finish)
    })
  })
  return answers
}
