/**
 * Where a file target writes: a path below the operator's folder, in which `{date}` and `{part}` make it rotate.
 */
import { badTarget, type Target, targetReader } from './target.js'
import type { TargetSchema } from './transport.js'

export interface FileTarget {
  readonly path: string
  readonly maxBytes?: number
}

export const FILE_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['path'],
  properties: {
    path: {
      type: 'string',
      maxLength: 400,
      title: 'Path',
      description:
        "Below the tenant's own folder: letters, digits, `.`, `_`, `-` and `/`. In the file's name `{date}` is the day (UTC) and `{part}` a number that rises when `maxBytes` is reached.",
    },
    maxBytes: {
      type: 'integer',
      minimum: 1024,
      title: 'Bytes of a part',
      description: 'A file is not longer than this (but has at least one line). Needs `{part}` in the path.',
    },
  },
}

/** No segment begins with a dot, so there is neither `.` nor `..`; no drive, no backslash, no control character. */
export const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/
const PATH_RULE = 'a relative path such as audit/events-{date}.jsonl'

const read = targetReader<FileTarget>(FILE_TARGET)

/** @throws InvalidInput `invalid_request` with the field. */
export function readFileTarget(given: Target): FileTarget {
  const target = read(given)
  const segments = expandPath(target.path, 'default', 0, 1)
  if (!segments.every((segment) => SEGMENT.test(segment)))
    throw badTarget('.path', 'The path is not allowed.', PATH_RULE)
  if (target.path.includes('{part}') === (target.maxBytes !== undefined)) return target
  throw badTarget('.maxBytes', 'maxBytes and {part} belong together.', 'both or neither')
}

/** The segments below the root; the tenant's own folder is the first, so that tenants never write into each other's files. */
export function expandPath(path: string, tenant: string, time: number, part: number): readonly string[] {
  const segments = path.split('/')
  const day = new Date(time).toISOString().slice(0, 10)
  const name = (segments.at(-1) ?? '').replace('{date}', day).replace('{part}', String(part).padStart(4, '0'))
  return [folderOf(tenant), ...segments.slice(0, -1), name]
}

/** A tenant's id as a folder's name; what a file system could misread is escaped. */
export const folderOf = (tenant: string): string => encodeURIComponent(tenant).replace(/^\./, '%2E')

/** The highest part among the names in a folder, 1 if there is none. */
export function highestPart(path: string, time: number, names: readonly string[]): number {
  const [before = '', after = ''] = (expandPath(path.replace('{part}', '\0'), '', time, 1).at(-1) ?? '').split('\0')
  const parts = names
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .map((name) => name.slice(before.length, name.length - after.length))
    .filter((part) => /^\d{4,9}$/.test(part))
  return Math.max(1, ...parts.map(Number))
}
