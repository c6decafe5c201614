// The camera of the tablet: whether it is to be had, why not, and its light. Whoever opens it has to let it go.

/** Why there is no picture. `reader`: there is one, and nothing that reads it. */
export type Fault = 'refused' | 'none' | 'busy' | 'reader';

/** What is asked of a browser before a button offers the camera: a page that came over plain http is given none. */
export function isOffered(
  around: { isSecureContext: boolean; navigator: { mediaDevices?: { getUserMedia?: unknown } } } = globalThis,
): boolean {
  return around.isSecureContext && typeof around.navigator.mediaDevices?.getUserMedia === 'function';
}

/** What looks away from the person, as sharp as is of use. Wishes, not conditions: a tablet with one camera gives that one. */
const WISHES: MediaStreamConstraints = {
  audio: false,
  video: { facingMode: { ideal: 'environment' }, width: { ideal: 1920 }, height: { ideal: 1080 } },
};

export const openCamera = (): Promise<MediaStream> => navigator.mediaDevices.getUserMedia(WISHES);

export function letGo(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** What stands behind a camera that does not open. */
export function faultOf(error: unknown): Fault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return 'none';
  return 'busy';
}

type Lit = MediaTrackConstraintSet & { torch: boolean };

/** Whether there is a light beside the lens. */
export function hasLight(stream: MediaStream): boolean {
  const [track] = stream.getVideoTracks();
  const can: object = track?.getCapabilities?.() ?? {};
  return 'torch' in can && Boolean(can.torch);
}

export async function setLight(stream: MediaStream, torch: boolean): Promise<void> {
  const lit: Lit = { torch };
  await stream.getVideoTracks()[0]?.applyConstraints({ advanced: [lit] });
}
