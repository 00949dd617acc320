const videoEnding = /\.(mp4|mov|webm|mkv|avi|m4v)$/i;

/** By its name. */
export const isVideoFile = (name: string): boolean => videoEnding.test(name);
