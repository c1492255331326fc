/**
 * Devices: cards, tokens and other carriers of credentials.
 */
import type { Static } from 'typebox'
import { count, fields, native, text, yes } from './define.js'

const device = {
  deviceId: text('The system’s own id of the device'),
  serialNumber: text('Serial number of the device'),
  deviceType: text('Kind or model of the device'),
  temporary: yes('A stand-in for a limited time'),
  userId: text('The user it belongs to, or belonged to'),
  profileId: text('The profile on it'),
  profileTemplateId: text('The template or policy that governs it'),
}

const changed = fields(device)
const replaced = fields({ ...device, replaces: text('The device it takes the place of') })
const bound = fields({ ...device, previousUserId: text('The user it belonged to before') })
const ended = fields({ ...device, certificatesRevoked: yes('Its certificates are revoked with it') })
const unlocked = fields({ ...device, offline: yes('Without a connection to the server') })
const printed = fields({ ...device, copies: count('How many were printed') })

declare module '../types.js' {
  interface Catalogue {
    'device.created': Static<typeof changed>
    'device.issued': Static<typeof replaced>
    'device.updated': Static<typeof changed>
    'device.bound': Static<typeof bound>
    'device.unbound': Static<typeof bound>
    'device.assigned': Static<typeof bound>
    'device.recycled': Static<typeof ended>
    'device.terminated': Static<typeof ended>
    'device.disabled': Static<typeof ended>
    'device.suspended': Static<typeof changed>
    'device.resumed': Static<typeof changed>
    'device.unlocked': Static<typeof unlocked>
    'device.printed': Static<typeof printed>
    'device.pin-rolled-over': Static<typeof changed>
  }
}

export const deviceTypes = [
  native('device.created', 'A device was registered', changed),
  native('device.issued', 'A device was issued', replaced),
  native('device.updated', 'A device was updated', changed),
  native('device.bound', 'A device was bound to a user', bound),
  native('device.unbound', 'A device was unbound from its user', bound, { urgent: true }),
  native('device.assigned', 'A device was assigned to a user', bound),
  native('device.recycled', 'A device was recycled', ended),
  native('device.terminated', 'A device was terminated', ended, { urgent: true }),
  native('device.disabled', 'A device was disabled', ended, { urgent: true }),
  native('device.suspended', 'A device was suspended', changed, { urgent: true }),
  native('device.resumed', 'A device was resumed', changed),
  native('device.unlocked', 'A device was unlocked', unlocked),
  native('device.printed', 'A device was printed', printed),
  native('device.pin-rolled-over', 'The PIN of a device was rolled over', changed),
]
