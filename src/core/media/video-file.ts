const videoEnding = /\.(mp4|mov|webm|mkv|avi|m4v)$/i;

/** By its name. */
export const isVideoFile = (name: string): boolean => videoEnding.test(name);

/** More than any network takes. */
export const mostVideoBytes = 512 * 1024 * 1024;
export const mostPictureBytes = 30 * 1024 * 1024;
