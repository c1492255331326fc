/**
 * Light or dark: as the system says, unless who looks has chosen.
 */
import { useState } from 'preact/hooks'

export type Look = 'system' | 'light' | 'dark'

const NAME = 'tocsin:look'

const chosen = (): Look => {
  const kept = localStorage.getItem(NAME)
  return kept === 'light' || kept === 'dark' ? kept : 'system'
}

export function applyLook(look: Look = chosen()): void {
  document.documentElement.dataset.look = look
}

export function useLook(): readonly [Look, (look: Look) => void] {
  const [look, set] = useState(chosen)
  return [
    look,
    (next) => {
      localStorage.setItem(NAME, next)
      applyLook(next)
      set(next)
    },
  ]
}
