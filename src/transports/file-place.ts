/**
 * Which file is written to at present: the day's, and of it the part that is not full yet.
 */
import { readdir } from 'node:fs/promises'
import { expandPath, type FileTarget, highestPart } from './file-path.js'
import { folderBelow } from './open-below.js'
import type { OutgoingMessage } from './transport.js'

export interface FilePlace {
  readonly segments: readonly string[]
  readonly day: string
  readonly part: number
}

export interface Places {
  now(message: OutgoingMessage): Promise<FilePlace>
  /** The next part begins, unless somebody else said so before. */
  isFull(place: FilePlace): Promise<void>
}

export function placesOf(root: string, target: FileTarget): Places {
  let current: { readonly day: string; readonly part: Promise<number> } | null = null

  async function part(message: OutgoingMessage, day: string): Promise<number> {
    if (current?.day !== day) current = { day, part: partOnDisk(root, target, message) }
    try {
      return await current.part
    } catch (error) {
      current = null
      throw error
    }
  }

  return {
    async now(message) {
      const day = new Date(message.time).toISOString().slice(0, 10)
      const number = await part(message, day)
      return { segments: expandPath(target.path, tenantOf(message), message.time, number), day, part: number }
    },
    async isFull(place) {
      const known = await current?.part
      if (current?.day === place.day && known === place.part)
        current = { day: place.day, part: Promise.resolve(place.part + 1) }
    },
  }
}

/** After a restart the writing goes on in the last part there is. */
async function partOnDisk(root: string, target: FileTarget, message: OutgoingMessage): Promise<number> {
  if (!target.path.includes('{part}')) return 1
  const folders = expandPath(target.path, tenantOf(message), message.time, 1).slice(0, -1)
  return highestPart(target.path, message.time, await readdir(await folderBelow(root, folders)))
}

const tenantOf = (message: OutgoingMessage): string => message.event.tenant ?? 'default'
