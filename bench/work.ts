/** What the clients are told to do. */
export interface Work {
  readonly id: string;
  /** In KiB; the name of the file is its size. */
  readonly fileKiB: number;
  readonly blockSize: number;
  readonly windowSize?: number;
  readonly clients: number;
  readonly transfers: number;
  /** The clients leave after so many seconds; without it they stay to the end. */
  readonly seconds?: number;
  /** Between the first requests of two clients, in ms. */
  readonly gapMs?: number;
  /** How long a client hears nothing until it asks again, in ms. Default 1000. */
  readonly silenceMs?: number;
}

const TEN_MIB = 10_240;
const one = { fileKiB: TEN_MIB, clients: 1 } as const;

/** Transfers are counted so that a run takes about a second. */
export const window16: Work = { ...one, id: "window-16", blockSize: 1_468, windowSize: 16, transfers: 50 };
export const window64: Work = { ...one, id: "window-64", blockSize: 1_468, windowSize: 64, transfers: 60 };
export const lockStep512: Work = { ...one, id: "lock-step-512", blockSize: 512, transfers: 8 };
export const lockStep1468: Work = { ...one, id: "lock-step-1468", blockSize: 1_468, transfers: 20 };
export const lockStep8192: Work = { ...one, id: "lock-step-8192", blockSize: 8_192, transfers: 80 };
export const hundred: Work = { id: "hundred", fileKiB: 1_024, blockSize: 1_468, clients: 100, transfers: 200 };
export const small: Work = { id: "small", fileKiB: 16, blockSize: 1_468, clients: 64, transfers: 16_000 };

/** The clients come one by one, so that they are far apart in the file. */
export const thousand: Work = {
  id: "thousand",
  fileKiB: 102_400,
  blockSize: 1_468,
  clients: 1_000,
  transfers: 1_000,
  gapMs: 4,
  seconds: 10,
};

/** The same work, an eighth as long. */
export function shortened(work: Work): Work {
  if (work.seconds !== undefined) return { ...work, gapMs: 2, seconds: 3 };
  return { ...work, transfers: Math.max(work.clients, Math.ceil(work.transfers / 8)) };
}

export function fileName({ fileKiB }: Work): string {
  return `${fileKiB}KiB`;
}
