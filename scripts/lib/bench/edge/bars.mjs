// Milliseconds of CPU that a request may cost: its function over the floor, and the gateway's hop.

export const SHARE_BAR_MS = 0.25;
export const HOP_BAR_MS = 0.2;
