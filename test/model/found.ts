/**
 * Lives that failed once, as fast-check shrank them.
 */
import type { Step } from './queue-life.js'

const published = { owner: 0, superOwner: null, priority: 0, vote: 0, date: null, alike: null, child: false } as const

export const FOUND: Readonly<Record<string, readonly Step[]>> = {
  'a lock goes to the first who waits for it, though its turn has not come': [
    { do: 'publish', ...published, lanes: ['local.witnesses'], inPlace: true },
    { do: 'publish', ...published, lanes: ['local.witnesses', 'free'], inPlace: false },
    { do: 'publish', ...published, lanes: ['local.processors', 'free'], inPlace: false },
    { do: 'remove', which: 0 },
    { do: 'lease', limit: 1 },
    { do: 'publish', ...published, owner: 1, lanes: ['local.processors', 'local.witnesses'], inPlace: false },
    { do: 'lease', limit: 2 },
  ],
  'a lock whose first waiter is stopped keeps the next waiting': [
    { do: 'publish', ...published, owner: 2, lanes: ['local.witnesses', 'free'], inPlace: false },
    { do: 'lease', limit: 2 },
    { do: 'publish', ...published, owner: 2, lanes: ['local.processors', 'local.witnesses'], inPlace: false },
    { do: 'settle', which: 0, how: 'done', delay: 0, next: false },
    { do: 'stop' },
    { do: 'lease', limit: 1 },
  ],
  'a dated one that is the newer of two alike joins behind whoever is there by then': [
    { do: 'publish', ...published, superOwner: 0, alike: 0, lanes: ['local.processors', 'free'], inPlace: false },
    { do: 'publish', ...published, alike: 0, date: 1, lanes: ['local.processors', 'strict'], inPlace: false },
    { do: 'publish', ...published, superOwner: 0, lanes: ['local.processors', 'free'], inPlace: false },
    { do: 'lease', limit: 1 },
  ],
  'a lock that is passed on while others are chosen is found by the next look': [
    { do: 'publish', ...published, owner: 1, superOwner: 2, lanes: ['local.witnesses'], inPlace: false },
    { do: 'publish', ...published, owner: 2, lanes: ['local.processors', 'strict'], inPlace: false },
    { do: 'lease', limit: 1 },
    { do: 'publish', ...published, owner: 1, date: 2, alike: 0, lanes: ['local.processors', 'free'], inPlace: false },
    { do: 'lease', limit: 1 },
    { do: 'publish', ...published, owner: 2, alike: 0, lanes: ['local.processors', 'free'], inPlace: false },
  ],
  'a task that a lock is passed on to, in a lane that was looked at already, is called for at once': [
    { do: 'publish', ...published, owner: 2, lanes: ['local.witnesses'], inPlace: false },
    {
      do: 'publish',
      ...published,
      owner: 2,
      superOwner: 0,
      alike: 0,
      lanes: ['local.witnesses', 'strict', 'free'],
      inPlace: false,
    },
    { do: 'publish', ...published, owner: 1, lanes: ['local.witnesses'], inPlace: true },
    { do: 'lease', limit: 3 },
    { do: 'publish', ...published, owner: 2, lanes: ['local.processors', 'free'], inPlace: true },
    { do: 'publish', ...published, alike: 0, lanes: ['local.processors', 'free'], inPlace: false },
    { do: 'settle', which: 7, how: 'done', delay: 0, next: false },
    { do: 'lease', limit: 2 },
    { do: 'lease', limit: 1 },
  ],
}
