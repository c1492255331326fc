/**
 * The raw limit's thread: takes every batch that waits, commits once, answers how many.
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { openRaw, type RawRow } from './raw-table.js'

if (parentPort !== null) start(parentPort)

function start(port: NonNullable<typeof parentPort>): void {
  const table = openRaw(String(workerData))
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
