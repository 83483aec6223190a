import { RookeryError } from './rookery-client.js';

const REASONS = {
  NotAllowedError: 'The browser does not let this page use the microphone or camera.',
  NotFoundError: 'No microphone was found.',
  NotReadableError: 'Another program uses the microphone or camera.',
};

const refusal = (text) => new RookeryError('media', text, { retryable: false });

/** Microphone, and for `video` the camera, where there is one. Throws a RookeryError that says what is missing. */
export async function openMedia(kind) {
  const { mediaDevices } = navigator;
  if (!mediaDevices) throw refusal('Browsers allow calls only on https and localhost.');
  try {
    return await mediaDevices.getUserMedia({ audio: true, video: kind === 'video' });
  } catch (error) {
    if (kind === 'video' && error.name === 'NotFoundError') return openMedia('audio');
    throw refusal(REASONS[error.name] ?? error.message);
  }
}

export function stopMedia(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
