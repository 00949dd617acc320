/** Of a video, as people will see it: turned upright, with square pixels. */
export interface VideoFacts {
  moves: 'video';
  mime: string;
  bytes: number;
  /** Milliseconds. */
  runsFor: number;
  width: number;
  height: number;
  /** Frames a second. */
  rate: number;
  /** `avc` is H.264. */
  codec: string;
  /** 8 bits a sample, with colours at half the resolution: what every player shows. */
  isPlainColour: boolean;
  hasSquarePixels: boolean;
  /** Absent: it is silent. */
  audio?: { codec: string; channels: number };
}

export interface GifFacts {
  moves: 'gif';
  mime: string;
  bytes: number;
  runsFor: number;
  width: number;
  height: number;
  frames: number;
}

export type MovingFacts = VideoFacts | GifFacts;
