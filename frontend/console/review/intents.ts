// What the assistant says when it understood nothing; a state, and no intent to teach.
const FALLBACK = "nlu_fallback";

export const isIntent = (name: string | null | undefined): boolean => Boolean(name) && name !== FALLBACK;
