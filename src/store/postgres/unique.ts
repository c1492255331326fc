/** The last of those with the same key, in the place of the first. */
export const unique = <Item>(items: readonly Item[], key: (item: Item) => string): readonly Item[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
]
