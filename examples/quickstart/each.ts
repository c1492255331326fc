/** Works through a list with so many hands at once; the first failure ends it. */
export async function each<T>(items: readonly T[], hands: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const rest = items.values()
  const hand = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: hands }, hand))
}
