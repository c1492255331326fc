import type { ProcessorStore } from '../port.js'
import { compareText } from './sorted-list.js'
import type { Tables } from './tables.js'

export const memoryProcessors = (tables: Tables): ProcessorStore => ({
  settings: async () => [...tables.settings.values()].sort((a, b) => compareText(a.name, b.name)),
  put: async (row) => void tables.settings.set(row.name, { ...row }),
})
