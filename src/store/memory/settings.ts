import type { SettingStore } from '../port.js'
import type { Tables } from './tables.js'

export const memorySettings = (tables: Tables): SettingStore => ({
  get: async (name) => tables.switches.get(name) ?? null,
  put: async (name, value) => void tables.switches.set(name, value),
})
