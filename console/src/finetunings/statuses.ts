// The schema's enums in words; a value added there does not compile here without its words.

import type {
  CancellationPhase,
  CancelOutcome,
  FinetuningEventKind,
  FinetuningStateFragment,
  FinetuningStatus,
} from '../gql/graphql'
import type { Tone } from '../shared/Notice'

export const STATUSES: Record<FinetuningStatus, { words: string; tone: Tone }> = {
  QUEUED: { words: 'Queued', tone: 'calm' },
  VALIDATING_FILES: { words: 'Checking the file', tone: 'calm' },
  RUNNING: { words: 'Training', tone: 'busy' },
  SUCCEEDED: { words: 'Succeeded', tone: 'good' },
  FAILED: { words: 'Failed', tone: 'bad' },
  CANCELLED: { words: 'Cancelled', tone: 'calm' },
}

export const PHASES: Record<CancellationPhase, { title: string; words: string; tone: Tone }> = {
  REQUESTED: {
    title: 'Recorded; the provider has not confirmed yet',
    words: 'It can no longer be lost, and is tried again until it is settled; until then it may still train.',
    tone: 'warn',
  },
  CONFIRMED: {
    title: 'Cancelled and confirmed',
    words: 'The training has stopped.',
    tone: 'good',
  },
  OVERTAKEN: {
    title: 'It had finished first: nothing was cancelled',
    words: 'The job ended by itself before the cancel reached it.',
    tone: 'warn',
  },
  UNCONFIRMED: {
    title: 'Closed, but not confirmed',
    words: 'No job turned up at the provider in time, or a create call was never answered. Look there.',
    tone: 'warn',
  },
}

export const OUTCOMES: Record<CancelOutcome, string> = {
  WOULD_CANCEL: 'would be cancelled',
  REQUESTED: 'a cancel is on its way',
  CANCELLED: 'is cancelled',
  NOT_CANCELLABLE: 'had ended by itself: nothing to cancel',
  NOT_FOUND: 'does not exist',
}

export const KINDS: Record<FinetuningEventKind, string> = {
  CREATED: 'Created',
  DATASET_PREPARED: 'Golden records collected and frozen',
  FILE_UPLOADED: 'Training file uploaded',
  FILE_PROCESSING: 'The provider reads the training file',
  FILE_PROCESSED: 'Training file waited for no longer',
  SUBMITTING: 'Submitting the job',
  NOT_SUBMITTED: 'The job was not made',
  JOB_ATTACHED: 'The provider has the job',
  STATUS_CHANGED: 'Status changed',
  UPDATED: 'Changed',
  CANCEL_REQUESTED: 'Cancel asked for',
  PARAMETERS_DIFFER: 'The job has other parameters than asked for',
  PROVIDER_FAULT: 'The provider failed; trying again',
  FILE_REMOVED: 'Training file removed',
  CANCEL_OVERDUE: 'The cancel is overdue',
  ORPHAN_STOPPED: 'A lost job was stopped',
  GIVEN_UP: 'Given up by a person',
  MARKS_LOST: 'The provider does not keep our metadata',
  DELETE_REQUESTED: 'Deletion asked for',
  DELETED: 'Deleted',
  PROVIDER_MESSAGE: 'The provider says',
  PROVIDER_METRICS: 'Training goes on',
}

export function isBeingCancelled({ isCancellable, cancellation }: FinetuningStateFragment) {
  return isCancellable && cancellation !== null
}
