/**
 * Requests: somebody asks for a device or credential operation, and somebody approves.
 */
import { type Static, Type } from 'typebox'
import { count, fields, moment, native, orNull, text } from './define.js'

const request = {
  requestType: text('What is asked for, as the system names it'),
  status: text('Where the request stands, as the system names it'),
  originatorId: text('Who raised it'),
  userId: text('Whom it is for'),
  deviceType: text('Kind or model of device it is about'),
  newDeviceId: text('The device it leads to'),
  oldDeviceId: text('The device it was raised for'),
  newProfileId: text('The profile it leads to'),
  oldProfileId: text('The profile it was raised for'),
  profileTemplateId: text('The template or policy that governs it'),
  submittedAt: moment('When it was submitted'),
  comment: text('Free text of those who worked on it'),
  collected: Type.Array(Type.Partial(Type.Object({ name: Type.String(), value: orNull(Type.Unknown()) })), {
    description: 'Data gathered for the request',
  }),
}
const sensitive = ['comment', 'collected', 'before', 'changes']

const asked = fields(request)
const approved = fields({
  ...request,
  approverId: text('Who approved'),
  approvals: count('Approvals given so far'),
  approvalsNeeded: count('Approvals needed in all'),
})
const denied = fields({ ...request, approverId: text('Who denied') })

declare module '../types.js' {
  interface Catalogue {
    'request.created': Static<typeof asked>
    'request.submitted': Static<typeof asked>
    'request.approved': Static<typeof approved>
    'request.denied': Static<typeof denied>
    'request.canceled': Static<typeof asked>
    'request.completed': Static<typeof asked>
    'request.failed': Static<typeof asked>
  }
}

export const requestTypes = [
  native('request.created', 'A request was created', asked, { sensitive }),
  native('request.submitted', 'A request was submitted', asked, { sensitive }),
  // Once per approval: a request that needs three tells three times, and is not approved as a whole before the last.
  native('request.approved', 'An approval was given to a request', approved, { sensitive }),
  native('request.denied', 'A request was denied', denied, { sensitive }),
  native('request.canceled', 'A request was canceled', asked, { sensitive }),
  native('request.completed', 'A request was completed', asked, { sensitive }),
  native('request.failed', 'A request failed', asked, { sensitive }),
]
