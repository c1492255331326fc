/**
 * Each of CzechIdM's own event tests has a test here that bears its name. The list is theirs, misspellings included.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const MANAGER = `testInit testFindProcessors testEventGreenLine testCloseEvent testSuspendEvent testStartEventInMiddle
  testOriginalSource testOriginalSourceWithNotifyOnDifferentType testProcessorSameOrder
  testConfigPropertyEventTypeOverwrite testConditionalProcessor testSameOrderBeansOrder testMultiThreadEventProcessing
  testRemoveDuplicateEventsForTheSameOwner testEnableDisableProcessorById testNextProcessorIsNotExecutedAfterException
  testPersistChildEventAutomatically testGetEvent testGetEventId testSaveEvent testSaveResult testSaveStates
  testFindOwner testBaseDtoProcessing testRemoveRunningEvent testPropagatePropertiesOnNotifyIntoParent testDeleteAll
  testExecuteAsyncEventUnderEventCreatorAuthentication testExecuteAsyncEventUnderSameTransactionId
  testAcceptedException testCancelRunningEvent testCancelCreatedEvent testCancelNotRunningEvent
  testCancelNotRunningEventWitnResult`

const SELECTION = `testCreatedEventsEmpty testCreatedEventsHighOnly testCreatedEventsNormalOnly
  testCreatedEventsMoreHighThanAvailableSize testCreatedEventsLessHighThanAvailableSize
  testCreatedEventsLessHighThanAvailableSizeNotDividable testCreatedEventsSortByCreatedAndPriority
  testCreatedEventsHigherPriorityByDuplicate testCreatedEventsRemoveOlderDuplicates
  testCreatedEventsDontRemoveDuplicatesWithDifferentPerentEventType testIsDuplicate
  testCreatedEventsRemoveDuplicatesByProps testCreatedEventsDistinctByOwner testVoteAboutEventPriority
  testResurrectEventWithPersistedContent testResurrectEventWithLoadedContent testResurrectEventWithDeletedContent
  testResurrectEventWithTransactionId testSetAdditionalPrioritiesForEvent testPropagatePropertiesOnNotifyIntoChildren
  testPropagatePropertiesFromParentEvent`

const SERVICES = `testReferentialIntegrity testReferentialIntegrityParentIsDeleted testReferentialIntegrityRootIsDeleted
  testReferentialIntegrityParentIsDeletedByLrt testReferentialIntegrityOwnerIsDeleted testExceptOwner
  DefaultEntityStateManagerIntergationTest.getOwnerType testSaveState testSupportAllIdentityEvents
  testSupportRoleDeleteOnly testSuppotsAll testHasEventType testOverwriteOfEventTypes
  EntityEventProcessorFilterUnitTest TransactionalEventListenerIntegrationTest
  AsynchronousAccountManagementIntegrationTest.GreenLine AsynchronousAccountManagementIntegrationTest.Error
  RoleRequestNotifyProvisioningProcessorIntegrationTest`

/** What they do not cover: each begins the name of a test of ours. */
const OURS = [
  'future execute date',
  'IMMEDIATE vote',
  'child priority',
  'super owner',
  'A, B, A′',
  'exception',
  'stop and continue',
  'full pool',
  'restart with more nodes',
  'a duplicate that has children is kept',
  'testResurrectEventWithDeletedContent (ours: it ends not-executed)',
]

const names = [...[MANAGER, SELECTION, SERVICES].flatMap((list) => list.split(/\s+/)), ...OURS]

/** Only this file knows the names without testing them. */
const tests = ['src', 'server', 'cli', 'profiles', 'test']
  .flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(ROOT, folder, path)),
  )
  .filter((path) => path.endsWith('.test.ts') && !path.endsWith('covered.test.ts'))
  .map((path) => readFileSync(path, 'utf8'))

/** As the beginning of a title, not of a longer name, and not in a comment. */
const isTested = (name: string): boolean => {
  const title = new RegExp(`['"\`]${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![A-Za-z])`)
  return tests.some((text) => title.test(text))
}

it('every one of them is tested by name', () => {
  expect(names).toHaveLength(34 + 21 + 18 + OURS.length)
  expect(names.filter((name) => !isTested(name))).toEqual([])
})

it('a name that nobody tests is found (the control)', () => {
  expect(['testCancel', 'testNobodyWrote'].filter(isTested)).toEqual([])
})
