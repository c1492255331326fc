/**
 * Lines in a file: one event a line, on disk before it counts as delivered.
 */
import { isTocsinError } from '../errors.js'
import { untilAborted } from './abort.js'
import { FILE_TARGET, type FileTarget, readFileTarget } from './file-path.js'
import { placesOf } from './file-place.js'
import { errnoOf } from './open-below.js'
import { type SharedFiles, sharedFiles } from './shared-files.js'
import type { OutgoingMessage, Sender, SendOutcome, Transport } from './transport.js'

export interface FileOptions {
  /** The folder below which files are written; it must exist. Each tenant has its own folder in it. */
  readonly root: string
}

export function fileTransport({ root }: FileOptions): Transport {
  const files = sharedFiles(root)
  return {
    name: 'file',
    title: 'File',
    promise: 'at least once; acknowledged when the line is synced to disk',
    target: FILE_TARGET,
    defaultFormat: 'cloudevents',
    async check(target) {
      readFileTarget(target)
    },
    open: (target) => fileSender(root, readFileTarget(target), files),
  }
}

function fileSender(root: string, target: FileTarget, files: SharedFiles): Sender {
  const limit = target.maxBytes ?? Number.POSITIVE_INFINITY
  const places = placesOf(root, target)
  let latest: readonly string[] = []

  /** The file written to before is closed. */
  async function moveTo(segments: readonly string[]): Promise<void> {
    const left = latest
    latest = segments
    if (left.join('/') !== segments.join('/')) await files.letGo(left)
  }

  async function write(message: OutgoingMessage, line: Buffer, signal: AbortSignal): Promise<SendOutcome> {
    const place = await places.now(message)
    await moveTo(place.segments)
    const result = await files.append(place.segments, line, limit, signal)
    if (result === 'written') return { outcome: 'delivered' }
    if (result === 'withdrawn') throw signal.reason
    await places.isFull(place)
    return write(message, line, signal)
  }

  return {
    async send(message, signal) {
      const line = lineOf(message)
      if (line === null) return NOT_A_LINE
      return untilAborted(signal, () => write(message, line, signal).catch(outcomeOfError))
    },
    close: () => files.letGo(latest),
  }
}

const NOT_A_LINE: SendOutcome = {
  outcome: 'refused',
  code: 'not_a_line',
  message: 'The format writes several lines; a file takes one line an event. Choose a JSON format.',
}

/** The body as one line, or null. In JSON a raw line break is only ever white space (RFC 8259, section 2). */
function lineOf({ body, headers }: OutgoingMessage): Buffer | null {
  if (!/[\r\n]/.test(body)) return Buffer.from(`${body}\n`)
  const isJson = /^application\/(.+\+)?json\b/.test(headers['content-type'] ?? '')
  return isJson ? Buffer.from(`${body.replace(/[\r\n]+/g, ' ')}\n`) : null
}

/** Texts name no path: where the operator's folder lies is nobody else's business. */
function outcomeOfError(error: unknown): SendOutcome {
  if (isTocsinError(error)) return { outcome: 'refused', code: error.code, message: error.message }
  const code = errnoOf(error)
  if (code === undefined) throw error
  // Folders below it are made: only the operator's own can be missing.
  const what =
    code === 'ENOENT' ? 'The folder that the operator opened for files is not there' : 'The file cannot be written'
  return { outcome: 'retry', code, message: `${what} (${code}).` }
}
