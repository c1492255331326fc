/**
 * Who should hear of what, in our own words. Nothing here is asked of Tocsin, so a mistake of Tocsin's cannot hide.
 */
import type { Fact } from './story.js'
import type { Subscriber } from './subscribers.js'

/** `filtered`: not wanted. `not visible`: perhaps wanted, but not theirs to see. */
export type Fate = 'delivered' | 'filtered' | 'not visible'

export function fateOf(subscriber: Subscriber, { about, succeeded, northgateSees }: Fact): Fate {
  switch (subscriber) {
    case 'siem':
      return 'delivered'
    case 'directory':
      return northgateSees ? 'delivered' : 'not visible'
    case 'doors':
      return about !== 'other' && succeeded ? 'delivered' : 'filtered'
  }
}
