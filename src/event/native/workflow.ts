/**
 * Workflows: a step of a longer operation has run.
 */
import type { Static } from 'typebox'
import { fields, native, text } from './define.js'

const step = fields({
  stepId: text('The step that ran'),
  side: text('Where it ran: `server` or `client`'),
  userId: text('The user the workflow is for'),
  deviceSerialNumber: text('Serial number of the device it works on'),
  pluginId: text('The plug-in that ran, or the one that failed'),
})

declare module '../types.js' {
  interface Catalogue {
    'workflow.step-run': Static<typeof step>
  }
}

export const workflowTypes = [native('workflow.step-run', 'A step of a workflow has run', step)]
