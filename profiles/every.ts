/** All that a list holds, however many pages it has. */
import type { Page, PageRequest } from '../src/index.js'

type Read<Item> = (request: PageRequest) => Promise<Page<Item>>

/** Item by item; a page is asked for when it is needed. @param limit of one page */
export async function* every<Item>(read: Read<Item>, limit = 1_000): AsyncGenerator<Item> {
  for (let next: string | null | undefined; next !== null; ) {
    const page: Page<Item> = await read(next === undefined ? { limit } : { limit, cursor: next })
    yield* page.items
    next = page.next
  }
}

export async function all<Item>(read: Read<Item>): Promise<readonly Item[]> {
  const items: Item[] = []
  for await (const item of every(read)) items.push(item)
  return items
}
