// The camera from being opened to being let go: the picture, what is read in it, and why there is none. It is let go on every way out:
// on a reading, on closing, when the page is hidden, and when nobody has held anything to it for a minute.
import { type RefObject, useEffect, useState } from 'react';
import { type Fault, faultOf, letGo, openCamera } from './camera';
import { Codes, drawn, partOf } from './codes';
import { type Detector, detector } from './detector';

export type Look = { is: 'starting' } | { is: 'seeing'; stream: MediaStream; isSlow: boolean } | { is: 'fault'; fault: Fault };

const SLOW_MS = 20_000;
const LONGEST_MS = 60_000;
const BETWEEN_MS = 120;
/** So many pixels of the part in the frame are looked at, along its longer side. */
const MOST_PIXELS = 1_024;
/** A code that reaches a little beyond the frame is read too. */
const BEYOND = 0.06;

export interface Places {
  video: RefObject<HTMLVideoElement | null>;
  frame: RefObject<HTMLElement | null>;
}

export interface Heard {
  read: (text: string) => void;
  /** It is not needed any more. */
  over: () => void;
}

const pause = (ms: number) => new Promise((over) => setTimeout(over, ms));

/** What is in the frame, drawn; nothing as long as there is no picture. */
function inFrame({ video, frame }: Places, canvas: HTMLCanvasElement): boolean {
  const [seen, marked] = [video.current?.getBoundingClientRect(), frame.current?.getBoundingClientRect()];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!video.current || !seen || !marked || !context || video.current.videoWidth === 0) return false;
  const [beyondX, beyondY] = [marked.width * BEYOND, marked.height * BEYOND];
  const part = partOf({ width: video.current.videoWidth, height: video.current.videoHeight }, seen, {
    x: marked.x - seen.x - beyondX,
    y: marked.y - seen.y - beyondY,
    width: marked.width + 2 * beyondX,
    height: marked.height + 2 * beyondY,
  });
  if (part.width === 0 || part.height === 0) return false;
  const size = drawn(part, MOST_PIXELS);
  [canvas.width, canvas.height] = [size.width, size.height];
  context.drawImage(video.current, part.x, part.y, part.width, part.height, 0, 0, size.width, size.height);
  return true;
}

/** Looks until something is read, or it is over. */
async function readFrom(places: Places, reader: Detector, isOver: () => boolean): Promise<string | undefined> {
  const canvas = document.createElement('canvas');
  const codes = new Codes();
  while (!isOver()) {
    if (inFrame(places, canvas)) {
      const text = codes.take(await reader.detect(canvas), canvas);
      if (text !== undefined) return text;
    }
    await pause(BETWEEN_MS);
  }
  return undefined;
}

/** Opens the camera, again with every other `attempt`. */
export function useCamera(places: Places, heard: Heard, attempt: number): Look {
  const [look, setLook] = useState<Look>({ is: 'starting' });
  const [latest] = useState(() => ({ places, heard }));
  useEffect(() => {
    latest.places = places;
    latest.heard = heard;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt is a new beginning
  useEffect(() => {
    let stream: MediaStream | undefined;
    let isOver = false;
    const timers: ReturnType<typeof setTimeout>[] = [];
    const end = () => {
      isOver = true;
      for (const timer of timers) clearTimeout(timer);
      if (stream) letGo(stream);
      stream = undefined;
    };
    const fail = (fault: Fault) => {
      if (isOver) return;
      end();
      setLook({ is: 'fault', fault });
    };
    const leave = () => {
      if (isOver) return;
      end();
      latest.heard.over();
    };
    const see = async (opened: MediaStream) => {
      const video = latest.places.video.current;
      if (!video) return;
      for (const track of opened.getVideoTracks()) track.addEventListener('ended', () => fail('busy'));
      video.srcObject = opened;
      await video.play();
      setLook({ is: 'seeing', stream: opened, isSlow: false });
      timers.push(
        setTimeout(() => setLook({ is: 'seeing', stream: opened, isSlow: true }), SLOW_MS),
        setTimeout(leave, LONGEST_MS),
      );
    };
    const work = async () => {
      setLook({ is: 'starting' });
      const loaded = detector().catch(() => undefined);
      try {
        const opened = await openCamera();
        // Whoever has asked may be gone by the time that the browser was answered.
        if (isOver) return letGo(opened);
        stream = opened;
        if (document.hidden) return leave();
        await see(opened);
      } catch (error) {
        return fail(faultOf(error));
      }
      const reader = await loaded;
      if (reader === undefined) return fail('reader');
      const text = await readFrom(latest.places, reader, () => isOver).catch(() => fail('reader'));
      if (text === undefined || isOver) return;
      end();
      latest.heard.read(text);
    };
    const hidden = () => {
      if (document.hidden && stream) leave();
    };
    document.addEventListener('visibilitychange', hidden);
    void work();
    return () => {
      document.removeEventListener('visibilitychange', hidden);
      end();
    };
  }, [attempt, latest]);
  return look;
}
