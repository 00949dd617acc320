/** One kind of follower. */
interface Persona {
  share: number;
  /** Peaks of reading as hour, height and width: on working days, and on days off. */
  workday: [number, number, number][];
  weekend: [number, number, number][];
}

/** Office hours, evenings, commuters and night owls. */
export const personas: Persona[] = [
  {
    share: 3,
    workday: [
      [9, 1, 1.2],
      [12.8, 0.9, 1],
      [16.5, 0.8, 1.5],
    ],
    weekend: [
      [11, 0.5, 2],
      [20, 0.4, 2],
    ],
  },
  {
    share: 3,
    workday: [
      [20.5, 1.3, 1.8],
      [12.5, 0.3, 1],
    ],
    weekend: [
      [11, 0.5, 2],
      [20, 1, 2.2],
    ],
  },
  {
    share: 2,
    workday: [
      [7.8, 1.1, 0.8],
      [17.8, 1.1, 1],
    ],
    weekend: [
      [10.5, 0.6, 2],
      [19, 0.5, 2],
    ],
  },
  {
    share: 1,
    workday: [
      [23.5, 1.1, 1.6],
      [15, 0.4, 2],
    ],
    weekend: [
      [0, 1.2, 2],
      [16, 0.5, 2.5],
    ],
  },
];
