import { describe, expect, it } from 'vitest'
import { createMetrics } from './metrics.js'

describe('metrics', () => {
  it('counts, and reads gauges only when somebody looks', async () => {
    const metrics = createMetrics()
    let reads = 0
    metrics.observe({
      queueDepth: async () => ({ due: 3, done: ++reads }),
      untold: async () => 7,
      openLeases: () => 2,
      breakers: () => ({ open: 1 }),
      inbox: async () => ({ pending: 4, refused: 5, age: 2_500 }),
      nodes: async () => ({ ready: 3, lost: 1 }),
      captures: () => [],
      plugins: () => ({ running: 2, broken: 1 }),
    })
    metrics.published('admitted', 0.002)
    metrics.published('admitted', 0.002)
    metrics.published('duplicate', 0.001)
    metrics.attempted('webhook', 'delivered', 0.02)
    metrics.taskEnded('done')
    metrics.committed(40)
    expect(reads).toBe(0)
    const text = await metrics.text()
    expect(reads).toBe(1)
    expect(text).toContain('tocsin_events_published_total{result="admitted"} 2')
    expect(text).toContain('tocsin_publish_seconds_count 3')
    expect(text).toContain('tocsin_attempt_seconds_count{transport="webhook",outcome="delivered"} 1')
    expect(text).toContain('tocsin_tasks_ended_total{state="done"} 1')
    expect(text).toContain('tocsin_commit_admissions_sum 40')
    expect(text).toContain('tocsin_store_up 1')
    expect(text).toContain('tocsin_tasks{state="due"} 3')
    expect(text).toContain('tocsin_untold_subscriptions 7')
    expect(text).toContain('tocsin_breakers{state="open"} 1')
    expect(text).toContain('tocsin_open_leases 2')
    expect(text).toContain('tocsin_inbox{state="refused"} 5')
    expect(text).toContain('tocsin_inbox_oldest_seconds 2.5')
    expect(text).toContain('tocsin_nodes{state="lost"} 1')
  })

  it.each([
    ['fails', () => Promise.reject(new Error('The database is down.'))],
    ['does not answer', () => new Promise<never>(() => {})],
  ])('tells what it knows itself while the store %s', async (_, silent) => {
    const metrics = createMetrics()
    metrics.observe({
      ...{ queueDepth: silent, untold: silent, inbox: silent, nodes: silent },
      openLeases: () => 2,
      breakers: () => ({ open: 1 }),
      captures: () => [],
      plugins: () => ({}),
    })
    metrics.taskEnded('done')
    const text = await metrics.text()
    expect(text).toContain('tocsin_store_up 0')
    expect(text).toContain('tocsin_open_leases 2')
    expect(text).toContain('tocsin_breakers{state="open"} 1')
    expect(text).toContain('tocsin_tasks_ended_total{state="done"} 1')
    expect(text).not.toMatch(/^tocsin_(tasks|nodes|inbox)\{/m)
    expect(text).not.toMatch(/^tocsin_(inbox_oldest_seconds|untold_subscriptions) /m)
  })

  it('forgets a state that is gone', async () => {
    const metrics = createMetrics()
    const states = [{ open: 1 }, { closed: 1 }]
    metrics.observe({
      queueDepth: async () => ({}),
      untold: async () => 0,
      openLeases: () => 0,
      breakers: () => states.shift() ?? {},
      inbox: async () => null,
      nodes: async () => ({}),
      captures: () => [],
      plugins: () => ({ running: 2, broken: 1 }),
    })
    await metrics.text()
    expect(await metrics.text()).not.toContain('state="open"')
  })

  it('keeps two instances apart', async () => {
    const [one, two] = [createMetrics(), createMetrics()]
    one.taskEnded('done')
    expect(await two.text()).not.toContain('state="done"')
  })
})
