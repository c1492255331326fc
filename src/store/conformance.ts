/**
 * The contract of `port.ts`, executable: whoever writes a store runs it with any test runner.
 *
 *     storeConformance({ describe, test, open: () => openMyStore() })
 */
import { admissionCases } from './conformance/admission.js'
import { duplicateCases } from './conformance/duplicates.js'
import { endingCases } from './conformance/ending.js'
import type { ConformanceTools, Suite } from './conformance/fixtures.js'
import { groupCases } from './conformance/groups.js'
import { importCases } from './conformance/imports.js'
import { keepingCases } from './conformance/keeping.js'
import { leasingCases } from './conformance/leasing.js'
import { lockCases } from './conformance/locks.js'
import { logCases } from './conformance/log.js'
import { queueCases } from './conformance/queue.js'
import { registryCases } from './conformance/registry.js'
import { runCases } from './conformance/runs.js'
import { sliceCases } from './conformance/slices.js'
import { taskCases } from './conformance/tasks.js'
import { traceCases } from './conformance/trace.js'
import { visibilityCases } from './conformance/visibility.js'

export type { ConformanceTools } from './conformance/fixtures.js'

export function storeConformance({ describe, test, open }: ConformanceTools): void {
  const suite: Suite = {
    describe,
    test: (name, body) =>
      test(name, async () => {
        const store = await open()
        try {
          await body(store)
        } finally {
          await store.close()
        }
      }),
  }
  for (const cases of [
    admissionCases,
    visibilityCases,
    sliceCases,
    logCases,
    leasingCases,
    groupCases,
    runCases,
    lockCases,
    duplicateCases,
    queueCases,
    taskCases,
    registryCases,
    importCases,
    endingCases,
    keepingCases,
    traceCases,
  ]) {
    cases(suite)
  }
}
