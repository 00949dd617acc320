import { traitsOf } from '../core/network/traits-of.ts';
import type { Delivery } from '../core/delivery/delivery.ts';
import { Refusal } from '../core/problem.ts';
import type { Images } from '../ports/images.ts';
import type { Store } from '../ports/store.ts';

export interface Picture {
  /** Absolute path of the image as the network gets it, without metadata. */
  file: string;
  alt: string;
}

const mostPictures = 4;

/** The images of these posts, each once. The verb itself reports images that cannot be read. */
export async function picturesOf(
  store: Store,
  images: Images,
  deliveries: readonly Delivery[],
): Promise<Picture[]> {
  const networks = new Map(deliveries.map(({ post, network }) => [post, network]));
  if (!networks.size) return [];
  const posts = await store.findPosts([...networks.keys()]);
  const found = posts.flatMap(({ id, post }) => {
    const network = networks.get(id);
    return network ? post.media.map((media) => ({ media, network })) : [];
  });
  const pictures: Picture[] = [];
  const still = found.filter(({ media }) => media.moves === undefined);
  for (const { media, network } of still.slice(0, mostPictures)) {
    try {
      const { path } = await images.render(media, traitsOf(network).limits.media);
      pictures.push({ file: path, alt: media.alt });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return pictures;
}
