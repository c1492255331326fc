/**
 * The raw limit's thread: takes every batch that waits, commits once, answers how many.
 */
import { parentPort, receiveMessageOnPort } from 'node:worker_threads'
import { openRaw, type RawRow } from './raw-table.js'

export function start(path: string): void {
  const port = parentPort
  if (port === null) throw new TypeError('It is a thread of the bench.')
  const table = openRaw(path)
  port.on('message', (first: readonly RawRow[] | 'close') => {
    const rows: RawRow[] = []
    let closing = false
    for (
      let message: typeof first | undefined = first;
      message !== undefined;
      message = receiveMessageOnPort(port)?.message
    ) {
      if (message === 'close') closing = true
      else rows.push(...message)
    }
    if (rows.length > 0) {
      table.insert(rows)
      port.postMessage(rows.length)
    }
    if (!closing) return
    table.close()
    port.close()
  })
  port.postMessage(0)
}
