/**
 * Opens a file for appending below a folder, and nowhere else: no symbolic link on the way, nothing but a plain file at the end.
 * Whoever can make links in that folder while we look could still deceive us; it is the operator's own.
 */
import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidInput } from '../errors.js'

/** Reading is needed to find an unterminated last line; NONBLOCK keeps a named pipe from holding us. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Folders and file are made if missing, for their owner alone, and their names synced to disk.
 * @throws InvalidInput `target_refused` if something on the way is not ours to write; an errno error for the rest.
 */
export async function openBelow(root: string, segments: readonly string[]): Promise<FileHandle> {
  const folder = await folderBelow(root, segments.slice(0, -1))
  const handle = await open(join(folder, segments.at(-1) ?? ''), FLAGS, 0o600).catch(refuseLink)
  try {
    if (!(await handle.stat()).isFile()) throw refused()
    await syncFolder(folder)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The folder itself, made if missing. */
export async function folderBelow(root: string, segments: readonly string[]): Promise<string> {
  let folder = await realpath(root)
  for (const segment of segments) {
    const parent = folder
    folder = join(parent, segment)
    if (await makeFolder(folder)) await syncFolder(parent)
    if (!(await lstat(folder)).isDirectory()) throw refused()
  }
  return folder
}

/** True if it was made. */
async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, 0o700)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Without this a new name may be lost with the power, and the synced lines with it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function refuseLink(error: unknown): never {
  const code = errnoOf(error)
  throw code === 'ELOOP' || code === 'EISDIR' || code === 'ENXIO' ? refused() : error
}

const refused = (): InvalidInput =>
  new InvalidInput('target_refused', 'The path leads to a link, a device or a folder.', {
    field: 'target.path',
    expected: 'a plain file in plain folders',
  })

/** `ENOSPC`, `EACCES` and the like, if it is such an error. */
export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
