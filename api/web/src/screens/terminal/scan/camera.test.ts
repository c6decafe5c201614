import { describe, expect, it, vi } from 'vitest';
import { faultOf, hasLight, isOffered, letGo, setLight } from './camera';

const named = (name: string) => new DOMException('no', name);

function streamOf(track: Partial<MediaStreamTrack>): MediaStream {
  const tracks = [track];
  return { getTracks: () => tracks, getVideoTracks: () => tracks } as unknown as MediaStream;
}

describe('the camera', () => {
  it('is offered where the page came safely and the browser has one to give', () => {
    const navigator = { mediaDevices: { getUserMedia: () => undefined } };
    expect(isOffered({ isSecureContext: true, navigator })).toBe(true);
    expect(isOffered({ isSecureContext: false, navigator })).toBe(false);
    expect(isOffered({ isSecureContext: true, navigator: {} })).toBe(false);
    expect(isOffered({ isSecureContext: true, navigator: { mediaDevices: {} } })).toBe(false);
  });

  it('says why it does not open', () => {
    expect(faultOf(named('NotAllowedError'))).toBe('refused');
    expect(faultOf(named('SecurityError'))).toBe('refused');
    expect(faultOf(named('NotFoundError'))).toBe('none');
    expect(faultOf(named('OverconstrainedError'))).toBe('none');
    expect(faultOf(named('NotReadableError'))).toBe('busy');
    expect(faultOf(named('AbortError'))).toBe('busy');
    expect(faultOf('?')).toBe('busy');
  });

  it('is let go with everything that it gave', () => {
    const stop = vi.fn();
    letGo(streamOf({ stop }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it('has a light where its track says so', async () => {
    const capabilities = (can: object) => streamOf({ getCapabilities: () => can });
    expect(hasLight(capabilities({ torch: true }))).toBe(true);
    expect(hasLight(capabilities({ torch: false }))).toBe(false);
    expect(hasLight(capabilities({}))).toBe(false);
    expect(hasLight(streamOf({}))).toBe(false);
    const applyConstraints = vi.fn(async () => undefined);
    await setLight(streamOf({ applyConstraints }), true);
    expect(applyConstraints).toHaveBeenCalledWith({ advanced: [{ torch: true }] });
  });
});
